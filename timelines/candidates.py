"""Read candidates from Postgres: the ids of tweets that are not deleted, by author.

Candidates may include tweets that the viewer will not see, but none are missing: only follows
decide, and all other rules are applied at every read. So no mute, block or change of audience can
make a timeline incomplete.
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
PER_AUTHOR_FACTOR = 4  # how unevenly authors may post before a second query is needed


def followees(
    viewer_id: int, *, pushed_only: bool = False, backfill: bool = True
) -> dict[int, int]:
    """Return {followee id: lower bound for the ids of their tweets} for the accepted follows.

    The bound is 0, or without `backfill` the `since_id` of the follow, so that a read under rule 6
    need not walk through years of tweets from before the follow. With `pushed_only`, authors who
    are pulled are left out.
    """
    query = sql.PUSHED_FOLLOWEES if pushed_only else sql.EVERY_FOLLOWEE
    return dict(query.rows(viewer=viewer_id, backfill=backfill))


def pulled_followees(viewer_id: int) -> list[int]:
    """Return the ids of the followees that the viewer has to pull, including those in demotion."""
    return [followee_id for (followee_id,) in sql.PULLED_FOLLOWEES.rows(viewer=viewer_id)]


def find_reader(*, user_id: int) -> tuple[User, list[int]] | None:
    """Return the user with this id, active or not, and their `pulled_followees`, in one query.

    Returns None if there is no such user.
    """
    found = find_with(sql.READER, user_id=user_id)
    return found and (found[0], found[1][0])


def below(authors: Mapping[int, int], *, below: int = TOP, limit: int) -> Span:
    """Return the newest `limit` ids below the id `below` by `authors` together.

    `authors` maps ids of authors to lower bounds, as returned by `followees`. There are at most
    two queries (after the threshold algorithm of Fagin, Lotem and Naor, 2001). The first reads a
    few ids of each author, which gives a lower bound for the result. The second reads more ids of
    only those authors who may have more above that bound. So a thousand authors cost two index
    probes each, not `limit` rows each.
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
    """Return the oldest `limit` ids above the id `above` by `authors` together, oldest first.

    `authors` is as for `below`.
    """
    bounds = {author_id: max(above, since) for author_id, since in authors.items()}
    found = _of_authors(sql.OLDEST, bounds, dict.fromkeys(authors, TOP), limit)
    return sorted(id_ for _, id_ in found)[:limit]


def newest_of(author_ids: Sequence[int], *, limit: int) -> dict[int, Span]:
    """Return the newest `limit` ids of each author."""
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
    """Return (author, id) pairs strictly between the bounds of each author, at most `each` each."""
    rows = query.rows(
        authors=list(above),
        aboves=list(above.values()),
        belows=[below[author_id] for author_id in above],
        each=each,
    )
    return [(author_id, id_) for author_id, id_ in rows]


def _may_have_more(found: list[tuple[int, int]], each: int, bound: int) -> dict[int, int]:
    """Return {author: lowest id found} for authors with `each` ids found, all above `bound`."""
    by_author: dict[int, list[int]] = {}
    for author_id, id_ in found:
        by_author.setdefault(author_id, []).append(id_)
    lowest = {a: min(ids) for a, ids in by_author.items() if len(ids) == each}
    return {a: id_ for a, id_ in lowest.items() if id_ > bound}


def _nth(ids: list[int], n: int) -> int:
    return ids[n - 1] if len(ids) >= n else 0
