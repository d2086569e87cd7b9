"""Merge timelines at read time. No Django, no Redis."""

from collections.abc import Iterable, Sequence


def merge(slices: Iterable[tuple[Sequence[int], int]], limit: int) -> tuple[list[int], int]:
    """Merge several slices into one with at most `limit` ids, newest first, without duplicates.

    A slice is a pair (ids newest first, bottom): the ids are complete above the bottom. The result
    can only be complete above the highest bottom, that of the shallowest source. The ids of other
    sources below it are left for the next batch.
    """
    sources = list(slices)
    bottom = max((bottom for _, bottom in sources), default=0)
    # A heap would look at fewer ids, but is slower than sorting them all.
    merged = sorted({id_ for ids, _ in sources for id_ in ids if id_ > bottom}, reverse=True)
    if len(merged) >= limit:
        return merged[:limit], merged[limit - 1] - 1
    return merged, bottom
