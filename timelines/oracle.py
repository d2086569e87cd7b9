"""The oracle: the definition of the home timeline as one plain SQL query, and nothing clever.

It shares no code with the read path: `manage.py timeline verify` and the tests compare the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from accounts.models import User
from chirp.pagination import PageRequest
from timelines import selectors

QUERY = """
SELECT t.id, coalesce(t.repost_of_id, t.id)
FROM tweets_tweet t
JOIN accounts_user author ON author.id = t.author_id
LEFT JOIN people_follow follow ON follow.follower_id = %(viewer)s
    AND follow.followee_id = t.author_id AND follow.since_id IS NOT NULL
LEFT JOIN tweets_tweet original ON original.id = t.repost_of_id
LEFT JOIN accounts_user first ON first.id = original.author_id
WHERE (t.author_id = %(viewer)s OR follow.id IS NOT NULL)
-- 2: it stands, and so does the original
AND t.deleted_at IS NULL AND t.hidden_at IS NULL
AND author.deactivated_at IS NULL AND author.suspended_at IS NULL
AND (t.repost_of_id IS NULL OR (
    original.deleted_at IS NULL AND original.hidden_at IS NULL
    AND first.deactivated_at IS NULL AND first.suspended_at IS NULL))
-- 3: the viewer is in the audience of both (of T's, by rule 1, unless it is direct)
AND (t.visibility <> 'direct' OR t.author_id = %(viewer)s OR EXISTS (
    SELECT FROM tweets_mention m WHERE m.tweet_id = t.id AND m.user_id = %(viewer)s))
AND (t.repost_of_id IS NULL OR original.author_id = %(viewer)s
    OR (original.visibility IN ('public', 'unlisted') AND NOT first.private)
    OR (original.visibility <> 'direct' AND EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = original.author_id AND f.since_id IS NOT NULL))
    OR (original.visibility = 'direct' AND EXISTS (
        SELECT FROM tweets_mention m WHERE m.tweet_id = original.id AND m.user_id = %(viewer)s)))
-- 4: no block between the viewer and either author, no mute, no hidden reposts
AND NOT EXISTS (SELECT FROM people_block b
    WHERE (b.blocker_id = %(viewer)s AND b.blocked_id IN (t.author_id, original.author_id))
    OR (b.blocked_id = %(viewer)s AND b.blocker_id IN (t.author_id, original.author_id)))
AND NOT EXISTS (SELECT FROM people_mute m
    WHERE m.muter_id = %(viewer)s AND m.muted_id IN (t.author_id, original.author_id))
AND (t.repost_of_id IS NULL OR t.author_id = %(viewer)s OR follow.reposts)
-- 5: replies to somebody else
AND (t.reply_to_author_id IS NULL OR t.reply_to_author_id IN (t.author_id, %(viewer)s)
    OR t.author_id = %(viewer)s OR EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = t.reply_to_author_id AND f.since_id IS NOT NULL))
-- 6: newer than the follow, where that is asked for
AND (%(backfill)s OR t.author_id = %(viewer)s OR t.id > follow.since_id)
ORDER BY t.id DESC
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a timeline, read to its end, is not what the oracle says (ids, page by page)."""

    viewer: User
    page: int
    expected: list[int]
    read: list[int]


def entries(viewer: User) -> list[tuple[int, int]]:
    """The whole home timeline by rules 1 to 6: (id, id of what it shows), newest first."""
    parameters = {"viewer": viewer.pk, "backfill": settings.TIMELINE_BACKFILL_ON_FOLLOW}
    with connection.cursor() as cursor:
        cursor.execute(QUERY, parameters)
        return list(cursor.fetchall())


def pages(timeline: Sequence[tuple[int, int]], limit: int) -> list[list[int]]:
    """Rule 7: the timeline cut into pages of at most `limit` shown entries, each folded."""
    cut: list[list[int]] = []
    rest = list(timeline)
    while rest:
        shown: dict[int, int] = {}
        for id_, original in rest:
            if original not in shown and len(shown) == limit:
                break
            shown.setdefault(original, id_)
        else:
            return [*cut, list(shown.values())]
        cut.append(list(shown.values()))
        rest = [(id_, original) for id_, original in rest if id_ < cut[-1][-1]]
    return cut or [[]]


def read_to_the_end(viewer: User, limit: int) -> list[list[int]]:
    """Every page as a reader gets it, from the top, following `next`."""
    request, found = PageRequest(limit=limit), []
    while True:
        page = selectors.home(viewer=viewer, page=request)
        found.append([entry.id for entry in page.results])
        if page.next is None:
            return found
        request = PageRequest(limit=limit, cursor=page.next)


def verify(viewer: User, *, limit: int) -> Difference | None:
    """Compare every page of a viewer's timeline with the oracle: the first difference, or None."""
    expected, read = pages(entries(viewer), limit), read_to_the_end(viewer, limit)
    for number in range(max(len(expected), len(read))):
        theirs = expected[number] if number < len(expected) else []
        ours = read[number] if number < len(read) else []
        if theirs != ours:
            return Difference(viewer, number + 1, theirs, ours)
    return None
