"""Read candidates from Postgres: the ids of tweets that are not deleted, by author.

Candidates may include tweets that the viewer will not see, but none are missing. Two kinds:

- For a build, only follows decide, so no mute, block or change of audience can make a stored
  timeline incomplete.
- For a read, what the rules forbid anyway is left out where it is cheap to know (`_MAY_FIT` in
  timelines/sql.py): otherwise a muted author's 50,000 tweets would be walked through at each read.

All rules are applied at every read to what is found here. The work of one call is bounded.
"""

from collections.abc import Sequence

from accounts.models import User
from accounts.selectors import find_with
from chirp.db.prepared import Prepared
from chirp.ids import MAX_ID
from timelines import sql
from timelines.store import Span

TOP = MAX_ID + 1
PER_AUTHOR_LEAST = 2
PER_AUTHOR_FACTOR = 4  # how unevenly authors may post before more of some of them is read
# From this number of followees on, walking through everybody's tweets is tried first: to find a few
# tweets of a tenth of all accounts, that is far cheaper than to ask each of them.
MANY = 1_000
STEPS_PER_ID = 10  # and only if the walk may take that many steps for each id that is wanted
SCAN = 2_000  # tweets that a read examines, beyond a few of each author


def pulled_followees(viewer_id: int) -> list[int]:
    """Return the ids of the followees that the viewer has to pull, including those in demotion."""
    return [followee_id for (followee_id,) in sql.PULLED_FOLLOWEES.rows(viewer=viewer_id)]


def find_reader(*, user_id: int) -> tuple[User, list[int]] | None:
    """Return the user with this id, active or not, and their `pulled_followees`, in one query.

    Returns None if there is no such user.
    """
    found = find_with(sql.READER, user_id=user_id)
    return found and (found[0], found[1][0])


def below(viewer_id: int, *, below: int = TOP, limit: int, backfill: bool) -> Span:
    """Return the newest `limit` ids below the id `below` that may be shown to the viewer.

    There may be fewer although there are more below the floor of the result, because the number of
    tweets that are examined is bounded. Without `backfill`, tweets from before a follow are left
    out.
    """
    return _span(*_examine(sql.BELOW, viewer_id, below, limit, backfill), limit)


def newest(viewer_id: int, *, limit: int) -> Span:
    """Return the newest `limit` ids by the followees who are pushed, for a build."""
    return _span(*_examine(sql.BUILD, viewer_id, TOP, limit, backfill=True), limit)


def above(viewer_id: int, *, above: int, limit: int, backfill: bool) -> tuple[list[int], int]:
    """Return the oldest `limit` ids above the id `above`, oldest first, and where they end.

    Unlike `below`, this includes the viewer's own tweets. The ids are complete below the second
    value, which is TOP at the end of the timeline.
    """
    reached, ids = _examine(sql.ABOVE, viewer_id, above, limit, backfill)
    return ids, ids[-1] + 1 if len(ids) == limit else min(reached + 1, TOP)


def sieve(viewer_id: int, ids: Sequence[int], *, backfill: bool) -> list[int]:
    """Return those of the ids, newest first, that may be shown to the viewer.

    Tweets that the viewer does not follow, and their own, are left out.
    """
    rows = sql.SIEVE.rows(viewer=viewer_id, ids=ids, backfill=backfill)
    return [id_ for (id_,) in rows]


def newest_of(author_ids: Sequence[int], *, limit: int) -> dict[int, Span]:
    """Return the newest `limit` ids of each author."""
    spans: dict[int, list[int]] = {author_id: [] for author_id in author_ids}
    for author_id, id_ in sql.NEWEST.rows(authors=author_ids, limit=limit):
        spans[author_id].append(id_)
    return {
        author_id: Span(ids, min(ids) - 1 if len(ids) == limit else 0)
        for author_id, ids in spans.items()
    }


def _examine(
    query: Prepared, viewer_id: int, position: int, limit: int, backfill: bool
) -> tuple[int, list[int]]:
    """Return the id down or up to which everything was examined, and the ids."""
    ((reached, ids),) = query.rows(
        viewer=viewer_id,
        backfill=backfill,
        position=position,
        limit=limit,
        top=TOP,
        many=max(MANY, STEPS_PER_ID * limit),
        scan=SCAN,
        least=PER_AUTHOR_LEAST,
        factor=PER_AUTHOR_FACTOR,
    )
    return reached, ids


def _span(reached: int, ids: list[int], limit: int) -> Span:
    return Span(ids, ids[-1] - 1 if len(ids) == limit else max(reached - 1, 0))
