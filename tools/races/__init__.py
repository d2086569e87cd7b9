"""Races of the timelines and the outbox, run by real processes until a thousand rounds pass.

    script/races [--rounds 1000] [--seed 1] [--only NAME ...]

A round sets a small scene (people of its own, so that nothing is left over from the round before),
gives each of some long-lived processes one side of the race, lets all of them go through a barrier,
and then holds the timelines against the oracle once everything owed is delivered. Each side starts
a little late and stops to think after some of its queries, one or two of them for long. Seeded dice
decide all that; it widens the moments in which a mistake would show from microseconds to
milliseconds.

`actors` are the processes, `moves` what they can do, `stage` the people, `scenes` the races,
`rounds` plays them.
"""
