"""Hydrate: from ids to everything that rules and pages need to know, in one query for one viewer.

The query brings the tweets asked for, the originals of the reposts among them, and what either
quote. It states facts and judges nothing: `may_see` and `welcome` below, and the rules of the home
timeline, are plain functions of these facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tweets.models import Visibility


@dataclass(slots=True)
class Facts:
    """One tweet, its author, and how both stand to the viewer (all False for nobody)."""

    id: int
    author_id: int
    text: str
    visibility: str
    sensitive: bool
    spoiler: str
    reply_to_id: int | None
    reply_to_author_id: int | None
    conversation_id: int | None
    repost_of_id: int | None
    quote_of_id: int | None
    created_at: datetime
    edited_at: datetime | None
    gone: bool  # deleted, or hidden by a moderator
    likes: int
    reposts: int
    quotes: int
    replies: int
    handle: str
    name: str
    private: bool
    author_gone: bool  # deactivated or suspended
    mentions: list[str] | None
    on_page: bool  # asked for, or one of the viewer's own; not merely an original or quoted
    mine: bool
    follows: bool
    follow_since: int | None
    follow_reposts: bool
    blocks: bool
    blocked_by: bool
    mutes: bool
    mentioned: bool  # only looked up for direct tweets
    follows_replied: bool
    to_me: bool  # a reply to a tweet of the viewer
    liked: bool
    reposted: bool
    viewer_id: int | None  # whose facts these are; None for somebody who is signed out
    original: "Facts | None" = None  # what this reposts
    quoted: "Facts | None" = None  # what this quotes


@dataclass(frozen=True, slots=True)
class OwnRange:
    """The viewer's own newest tweets strictly between two ids, at most `limit` of them."""

    above: int
    below: int
    limit: int


NO_OWN = OwnRange(above=0, below=0, limit=0)


QUERY = """
WITH own AS (
    SELECT id FROM tweets_tweet
    WHERE author_id = %(viewer)s AND deleted_at IS NULL AND id < %(below)s AND id > %(above)s
    ORDER BY id DESC LIMIT %(limit)s
), page AS (
    SELECT id FROM unnest(%(ids)s::bigint[]) AS id UNION SELECT id FROM own
), shown AS (
    SELECT id FROM page
    UNION SELECT t.repost_of_id FROM page JOIN tweets_tweet t USING (id)
        WHERE t.repost_of_id IS NOT NULL
), wanted AS (
    SELECT id FROM shown
    UNION SELECT t.quote_of_id FROM shown JOIN tweets_tweet t USING (id)
        WHERE t.quote_of_id IS NOT NULL
)
SELECT t.id, t.author_id, t.text, t.visibility, t.sensitive, t.spoiler, t.reply_to_id,
    t.reply_to_author_id, t.conversation_id, t.repost_of_id, t.quote_of_id, t.created_at,
    t.edited_at, t.deleted_at IS NOT NULL OR t.hidden_at IS NOT NULL,
    t.likes_count, t.reposts_count, t.quotes_count, t.replies_count,
    a.handle, a.name, a.private, a.deactivated_at IS NOT NULL OR a.suspended_at IS NOT NULL,
    CASE WHEN t.text ~ '[@＠]' THEN (
        SELECT array_agg(u.handle) FROM tweets_mention m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.tweet_id = t.id) END,
    t.id IN (SELECT id FROM page),
    coalesce(t.author_id = %(viewer)s, FALSE),
    f.since_id IS NOT NULL, f.since_id, coalesce(f.reposts, FALSE),
    EXISTS (SELECT FROM accounts_block WHERE blocker_id = %(viewer)s AND blocked_id = t.author_id),
    EXISTS (SELECT FROM accounts_block WHERE blocker_id = t.author_id AND blocked_id = %(viewer)s),
    EXISTS (SELECT FROM accounts_mute WHERE muter_id = %(viewer)s AND muted_id = t.author_id),
    t.visibility = 'direct' AND EXISTS (
        SELECT FROM tweets_mention WHERE tweet_id = t.id AND user_id = %(viewer)s),
    EXISTS (SELECT FROM accounts_follow WHERE follower_id = %(viewer)s
        AND followee_id = t.reply_to_author_id AND since_id IS NOT NULL),
    coalesce(t.reply_to_author_id = %(viewer)s, FALSE),
    EXISTS (SELECT FROM tweets_like
        WHERE user_id = %(viewer)s AND tweet_id = coalesce(t.repost_of_id, t.id)),
    EXISTS (SELECT FROM tweets_tweet WHERE author_id = %(viewer)s
        AND repost_of_id = coalesce(t.repost_of_id, t.id) AND deleted_at IS NULL),
    %(viewer)s::bigint
FROM wanted
JOIN tweets_tweet t ON t.id = wanted.id
JOIN accounts_user a ON a.id = t.author_id
LEFT JOIN accounts_follow f
    ON f.follower_id = %(viewer)s AND f.followee_id = t.author_id AND f.since_id IS NOT NULL
"""


def hydrate(ids: Iterable[int], *, viewer_id: int | None, own: OwnRange = NO_OWN) -> list[Facts]:
    """Everything about `ids`, and about the viewer's own tweets in `own`, newest first. One query.

    Originals and quoted tweets hang on `original` and `quoted`. Ids that do not exist are left
    out; deleted tweets are not, since nothing is decided here.
    """
    parameters = {
        "ids": list(ids),
        "viewer": viewer_id,
        "above": own.above,
        "below": own.below,
        "limit": own.limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(QUERY, parameters)
        facts = {row[0]: Facts(*row) for row in cursor.fetchall()}
    for tweet in facts.values():
        tweet.original = facts.get(tweet.repost_of_id or 0)
        tweet.quoted = facts.get(tweet.quote_of_id or 0)
    return sorted((f for f in facts.values() if f.on_page), key=_id, reverse=True)


def _id(tweet: Facts) -> int:
    return tweet.id


def may_see(tweet: Facts) -> bool:
    """Whether the viewer may see this tweet at all, and for a repost the original too.

    It stands, its author does, the viewer is in its audience, and the author has not blocked them.
    """
    if not _may_see_alone(tweet):
        return False
    return tweet.repost_of_id is None or (
        tweet.original is not None and _may_see_alone(tweet.original)
    )


def _may_see_alone(tweet: Facts) -> bool:
    if tweet.gone or tweet.author_gone or tweet.blocked_by:
        return False
    if tweet.mine:
        return True
    if tweet.visibility == Visibility.DIRECT:
        return tweet.mentioned
    return tweet.follows or not (tweet.visibility == Visibility.FOLLOWERS or tweet.private)


def welcome(tweet: Facts) -> bool:
    """Whether the viewer, who may see it, also wants to: they block or mute no author of it."""
    original = tweet.original or tweet
    return not (tweet.blocks or tweet.mutes or original.blocks or original.mutes)


def shown_quote(tweet: Facts) -> Facts | None:
    """The quoted tweet, where the viewer may see it and wants to."""
    quoted = tweet.quoted
    return quoted if quoted is not None and may_see(quoted) and welcome(quoted) else None
