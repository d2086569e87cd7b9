"""Candidates from Postgres: ids of standing tweets by author, before the rules for reading.

What is read here may be more than the viewer gets to see, never less: follows decide, and nothing
else. So neither a mute nor a block nor a change of audience ever makes a timeline incomplete.
"""

from collections.abc import Mapping, Sequence

from accounts.models import User
from accounts.selectors import find_with
from chirp.db.prepared import Prepared
from chirp.ids import MAX_ID
from timelines import sql
from timelines.store import Span

TOP = MAX_ID + 1
PER_AUTHOR_LEAST = 2
PER_AUTHOR_FACTOR = 4  # how uneven authors may be before a second look is needed


def followees(
    viewer_id: int, *, pushed_only: bool = False, backfill: bool = True
) -> dict[int, int]:
    """Whom `viewer_id` follows (accepted), and the id above which to look for their tweets.

    That is 0, or without `backfill` the id of the follow: a reader of rule 6 need not walk through
    years of tweets that all came before it. With `pushed_only` without those who are pulled.
    """
    query = sql.PUSHED_FOLLOWEES if pushed_only else sql.EVERY_FOLLOWEE
    return dict(query.rows(viewer=viewer_id, backfill=backfill))


def pulled_followees(viewer_id: int) -> list[int]:
    """Whom of those that `viewer_id` follows a reader has to pull, also while they are demoted."""
    return [followee_id for (followee_id,) in sql.PULLED_FOLLOWEES.rows(viewer=viewer_id)]


def find_reader(*, user_id: int) -> tuple[User, list[int]] | None:
    """Who has this id, whatever their state, and their `pulled_followees`. One query."""
    found = find_with(sql.READER, user_id=user_id)
    return found and (found[0], found[1][0])


def below(authors: Mapping[int, int], *, below: int = TOP, limit: int) -> Span:
    """The newest `limit` ids under `below` by any of `authors` (and the id above which to look).

    Two looks (after the threshold algorithm of Fagin, Lotem and Naor, 2001): first a few of each
    author, which bounds the page from below; then the rest of those authors who may have more
    above that bound. A thousand authors cost two index probes each, not `limit` rows each.
    """
    each = min(limit, max(PER_AUTHOR_LEAST, PER_AUTHOR_FACTOR * limit // max(len(authors), 1)))
    found = _of_authors(sql.NEWEST, authors, dict.fromkeys(authors, below), each)
    bound = _nth(sorted((id_ for _, id_ in found), reverse=True), limit)
    deeper = _may_have_more(found, each, bound)
    if deeper and each < limit:
        above = {author_id: max(bound, authors[author_id]) for author_id in deeper}
        found += _of_authors(sql.NEWEST, above, deeper, limit)
    ids = sorted((id_ for _, id_ in found), reverse=True)[:limit]
    return Span(ids, ids[-1] - 1 if len(ids) == limit else 0)


def above(authors: Mapping[int, int], *, above: int, limit: int) -> list[int]:
    """The oldest `limit` ids over `above` by any of `authors` (as for `below`), oldest first."""
    bounds = {author_id: max(above, since) for author_id, since in authors.items()}
    found = _of_authors(sql.OLDEST, bounds, dict.fromkeys(authors, TOP), limit)
    return sorted(id_ for _, id_ in found)[:limit]


def newest_of(author_ids: Sequence[int], *, limit: int) -> dict[int, Span]:
    """The newest `limit` ids of each author."""
    spans: dict[int, list[int]] = {author_id: [] for author_id in author_ids}
    everything = dict.fromkeys(author_ids, 0), dict.fromkeys(author_ids, TOP)
    for author_id, id_ in _of_authors(sql.NEWEST, *everything, limit):
        spans[author_id].append(id_)
    return {
        author_id: Span(ids, min(ids) - 1 if len(ids) == limit else 0)
        for author_id, ids in spans.items()
    }


def _of_authors(
    query: Prepared, above: Mapping[int, int], below: Mapping[int, int], each: int
) -> list[tuple[int, int]]:
    """(author, id) pairs between two bounds of each author, at most `each` of one."""
    rows = query.rows(
        authors=list(above),
        aboves=list(above.values()),
        belows=[below[author_id] for author_id in above],
        each=each,
    )
    return [(author_id, id_) for author_id, id_ in rows]


def _may_have_more(found: list[tuple[int, int]], each: int, bound: int) -> dict[int, int]:
    """Authors of whom `each` ids were found, all above `bound`, and the lowest of those."""
    by_author: dict[int, list[int]] = {}
    for author_id, id_ in found:
        by_author.setdefault(author_id, []).append(id_)
    lowest = {a: min(ids) for a, ids in by_author.items() if len(ids) == each}
    return {a: id_ for a, id_ in lowest.items() if id_ > bound}


def _nth(ids: list[int], n: int) -> int:
    return ids[n - 1] if len(ids) >= n else 0
