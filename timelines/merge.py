"""Merge timelines at read time. Pure: no Django, no Redis."""

from collections.abc import Iterable, Sequence


def merge(slices: Iterable[tuple[Sequence[int], int]], limit: int) -> tuple[list[int], int]:
    """One slice out of several: (at most `limit` ids, newest first, without repeats; their bottom).

    Each slice is (ids newest first, bottom): all of its ids above the bottom. The result can only
    be complete above the highest of the bottoms, the shallowest source: what other sources hold
    below that is left for the next batch.
    """
    sources = list(slices)
    bottom = max((bottom for _, bottom in sources), default=0)
    # A heap would look at fewer ids, and takes longer than sorting them all.
    merged = sorted({id_ for ids, _ in sources for id_ in ids if id_ > bottom}, reverse=True)
    if len(merged) >= limit:
        return merged[:limit], merged[limit - 1] - 1
    return merged, bottom
