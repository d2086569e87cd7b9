"""The garbage collector of processes that live long."""

import gc

YOUNG_OBJECTS = 10_000  # new ones, net, until the collector looks through those that are young


def settle() -> None:
    """Keep for good what is loaded by now. Call it once, before a process forks or begins its work.

    Looking through all of that for garbage, again and again, finds none, takes a tenth of a second
    each time, and copies the memory that processes share with the one that they were forked from.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
