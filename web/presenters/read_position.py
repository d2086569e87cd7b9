"""Where in a list the line stands between what is new and what was read before."""

from collections.abc import Sequence


def line_before(ids: Sequence[int], *, read: int, above: int | None) -> int | None:
    """Return the index of the first entry that was read before, None if there is to be no line.

    `ids` are those of a page, newest first, `read` is the read position (0 if there is none), and
    `above` the id of the entry above the page. There is no line above everything: nothing is new.
    """
    if not read:
        return None
    index = next((index for index, id_ in enumerate(ids) if id_ <= read), None)
    if index == 0 and (above is None or above <= read):
        return None
    return index
