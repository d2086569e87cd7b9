"""Faults: a whole Chirp under a steady load, and one part after another is taken away.

    script/chaos [--short] [--only NAME ...] [--list] [--seed 1]

`house` is the Chirp: servers and processes, which are started again when they die, as a process
manager would. `load` is a process of its own whose clients post, read, follow, repost and delete
over HTTP. `faults` are the faults. `people` knows who there is, and judges what they read and
wrote. `trial` does to the house what a fault says and measures; `table` prints and decides.
"""
