"""Fault injection: a complete Chirp under a steady load, in which one part after another fails.

    script/chaos [--short] [--only WORD ...] [--seed 1] [--logs DIRECTORY]

`deployment` is the Chirp under test: servers and processes, which are restarted when they die, as
a process manager would. `load` is a separate process whose clients post, read, follow, repost and
delete over HTTP. `faults` defines the faults. `people` creates the accounts, and checks their
timelines and posts. `trial` injects a fault into the deployment and measures; `table` formats the
result.
"""
