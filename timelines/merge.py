"""Merge timelines at read time. Pure: no Django, no Redis."""

import heapq
from collections.abc import Iterable, Sequence
from operator import neg


def merge(slices: Iterable[tuple[Sequence[int], int]], limit: int) -> tuple[list[int], int]:
    """One slice out of several: (at most `limit` ids, newest first, without repeats; their bottom).

    Each slice is (ids newest first, bottom): all of its ids above the bottom. The result can only
    be complete above the highest of the bottoms, the shallowest source: what other sources hold
    below that is left for the next batch.
    """
    sources = list(slices)
    bottom = max((bottom for _, bottom in sources), default=0)
    merged: list[int] = []
    for id_ in heapq.merge(*(ids for ids, _ in sources), key=neg):
        if id_ <= bottom:
            break
        if merged and merged[-1] == id_:
            continue
        merged.append(id_)
        if len(merged) == limit:
            return merged, id_ - 1
    return merged, bottom
