"""Garbage collector settings: what a process has loaded is not searched for garbage."""

import gc

YOUNG_OBJECTS = 10_000  # net new objects before a collection of the youngest generation


def pause() -> None:
    """Do not collect while a process loads what it keeps anyway. `keep` or `settle` ends it.

    Collections looked again and again at views, texts and addresses that are all in use: a fifth of
    the time that loading them took.
    """
    gc.disable()


def keep() -> None:
    """Exempt all objects so far from garbage collection, without searching them.

    Otherwise Python searches them at the end of a process, too. Both together were two fifths of
    the time of a short management command.
    """
    gc.freeze()
    gc.enable()


def settle() -> None:
    """Exempt all objects so far from garbage collection. Call it once, before forking or working.

    Later collections of these objects would find no garbage, take a tenth of a second each, and
    copy the memory that forked processes share with their parent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()
