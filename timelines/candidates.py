"""Read candidates from Postgres: the ids of tweets that are not deleted, by author or hashtag.

Candidates may include tweets that the viewer will not see, but none are missing. Two kinds:

- For a build, only follows decide, so no mute, block or change of audience can make a stored
  timeline incomplete.
- For a read, what the rules forbid anyway is left out where it is cheap to know (`_MAY_FIT` in
  timelines/sql/candidates.py): otherwise a muted author's 50,000 tweets would be walked through at
  each read.

All rules are applied at every read to what is found here. The work of one call is bounded.
"""

from collections.abc import Sequence
from typing import Any

from chirp.db.prepared import Prepared
from chirp.ids import MAX_ID
from timelines.ranking import Weighed
from timelines.sql import candidates as sql
from timelines.sql.readers import PULLED_FOLLOWEES
from timelines.store import Span
from tweets.read.viewer import ViewerContext

TOP = MAX_ID + 1
PER_AUTHOR_LEAST = 2
PER_AUTHOR_FACTOR = 4  # how unevenly authors may post before more of some of them is read
# From this number of followees on, walking through everybody's tweets is tried first: to find a few
# tweets of a tenth of all accounts, that is far cheaper than to ask each of them.
MANY = 1_000
STEPS_PER_ID = 10  # and only if the walk may take that many steps for each id that is wanted
OWN_MOST = 300  # own tweets that are ranked
REPOSTS_SCAN, REPOSTS_MOST = 1_000, 20  # reposts of one tweet that are looked at, and returned
SCAN = 2_000  # tweets that a read examines, beyond a few of each author


def pulled_followees(viewer_id: int) -> list[int]:
    """Return the ids of the followees that the viewer has to pull, including those in demotion."""
    return [followee_id for (followee_id,) in PULLED_FOLLOWEES.rows(viewer=viewer_id)]


def below(viewer: ViewerContext, *, below: int = TOP, limit: int, backfill: bool) -> Span:
    """Return the newest `limit` ids below the id `below` that may be shown to the viewer.

    There may be fewer although there are more below the floor of the result, because the number of
    tweets that are examined is bounded. Without `backfill`, tweets from before a follow are left
    out.
    """
    return _span(*_examine(sql.BELOW, below, limit, **_choices(viewer, backfill)), limit)


def newest(viewer_id: int, *, limit: int) -> Span:
    """Return the newest `limit` ids by the followees who are pushed, for a build."""
    return _span(*_examine(sql.BUILD, TOP, limit, viewer=viewer_id, backfill=True), limit)


def above(
    viewer: ViewerContext, *, above: int, limit: int, backfill: bool
) -> tuple[list[int], int]:
    """Return the oldest `limit` ids above the id `above`, oldest first, and where they end.

    Unlike `below`, this includes the viewer's own tweets. The ids are complete below the second
    value, which is TOP at the end of the timeline.
    """
    return _ascending(*_examine(sql.ABOVE, above, limit, **_choices(viewer, backfill)), limit)


def tagged_below(viewer: ViewerContext, *, below: int, limit: int) -> Span:
    """Return the newest `limit` ids below an id that carry a hashtag which the viewer follows.

    As with `below`, there may be fewer. An id may occur several times.
    """
    return _span(*_examine(sql.TAGGED_BELOW, below, limit, **_tags(viewer)), limit)


def tagged_above(viewer: ViewerContext, *, above: int, limit: int) -> tuple[list[int], int]:
    """Return the oldest `limit` such ids above an id, like `above`."""
    return _ascending(*_examine(sql.TAGGED_ABOVE, above, limit, **_tags(viewer)), limit)


def listed_below(viewer: ViewerContext, list_id: int, *, below: int, limit: int) -> Span:
    """Return the newest `limit` ids below an id by the members of a list, like `below`."""
    return _span(*_examine(sql.LISTED_BELOW, below, limit, **_list(viewer, list_id)), limit)


def listed_above(
    viewer: ViewerContext, list_id: int, *, above: int, limit: int
) -> tuple[list[int], int]:
    """Return the oldest `limit` such ids above an id, like `above`."""
    return _ascending(*_examine(sql.LISTED_ABOVE, above, limit, **_list(viewer, list_id)), limit)


def sieve(viewer: ViewerContext, ids: Sequence[int], *, limit: int, backfill: bool) -> list[int]:
    """Return the newest `limit` of the ids that may be shown to the viewer, newest first.

    Tweets that the viewer does not follow, and their own, are left out.
    """
    rows = sql.SIEVE.rows(ids=ids, limit=limit, **_choices(viewer, backfill))
    return [id_ for (id_,) in rows]


def weighed(viewer: ViewerContext, span: Span, *, below: int, backfill: bool) -> list[Weighed]:
    """Return what ranks those tweets of a span that may be shown, and the viewer's own in it.

    They are newest first. The span begins below the id `below`.
    """
    rows = sql.WEIGHED.rows(
        ids=span.ids,
        above=span.floor,
        below=below,
        limit=OWN_MOST,
        tagged=bool(viewer.tags),
        **_choices(viewer, backfill),
    )
    return [Weighed(*row) for row in rows]


def reposts_seen(viewer_id: int, *, of: int) -> list[int]:
    """Return the ids of the newest reposts of a tweet by the viewer and their followees.

    Of a tweet with many reposts, only the newest are looked at.
    """
    rows = sql.REPOSTS_SEEN.rows(viewer=viewer_id, of=of, scan=REPOSTS_SCAN, limit=REPOSTS_MOST)
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


def _choices(viewer: ViewerContext, backfill: bool) -> dict[str, Any]:
    """Return the parameters of queries that leave out what the rules forbid."""
    return {
        "viewer": viewer.viewer_id,
        "backfill": backfill,
        "exclusive": list(viewer.exclusive),
        "no_reposts": viewer.hides_reposts,
    }


def _list(viewer: ViewerContext, list_id: int) -> dict[str, Any]:
    return {"viewer": viewer.viewer_id, "list": list_id, "no_reposts": viewer.hides_reposts}


def _tags(viewer: ViewerContext) -> dict[str, Any]:
    # In quotes: without them, the hashtag #null would be no text in an array of PostgreSQL.
    return {"viewer": viewer.viewer_id, "tags": [f'"{tag}"' for tag in viewer.tags]}


def _examine(
    query: Prepared, position: int, limit: int, **parameters: Any
) -> tuple[int, list[int]]:
    """Return the id down or up to which everything was examined, and the ids."""
    ((reached, ids),) = query.rows(
        position=position,
        limit=limit,
        top=TOP,
        many=max(MANY, STEPS_PER_ID * limit),
        scan=SCAN,
        least=PER_AUTHOR_LEAST,
        factor=PER_AUTHOR_FACTOR,
        **parameters,
    )
    return reached, ids


def _span(reached: int, ids: list[int], limit: int) -> Span:
    return Span(ids, ids[-1] - 1 if len(ids) == limit else max(reached - 1, 0))


def _ascending(reached: int, ids: list[int], limit: int) -> tuple[list[int], int]:
    return ids, ids[-1] + 1 if len(ids) == limit else min(reached + 1, TOP)
