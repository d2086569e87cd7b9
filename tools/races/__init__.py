"""Races of the timelines and the outbox, run by real processes until a thousand rounds pass.

    script/races [--rounds 1000] [--seed 1] [--only NAME ...]

A round creates a small scene (with new accounts, so that earlier rounds cannot affect it), gives
one side of the race to each of some long-lived processes, releases them together by a barrier, and
compares the timelines with the oracle once the outbox is empty. Each side starts a little late and
pauses after some of its queries, one or two sides for longer. A seeded random generator decides all
of that. The pauses widen the windows in which an error can show from microseconds to milliseconds.

`actors` are the processes, `moves` their actions, `stage` the accounts, `scenes` the races, and
`rounds` runs them.
"""
