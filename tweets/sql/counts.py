"""The queries for the stored counts of tweets and accounts."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Counter:
    """A stored count.

    The column `{name}_count` of the table `owners` is the number of `rows` whose column `key`
    holds the id of the owner.
    """

    label: str
    owners: str
    name: Any
    rows: str
    key: str


_PUBLIC = "NOT a.private AND a.deactivated_at IS NULL AND a.suspended_at IS NULL"
_VISIBLE = "deleted_at IS NULL AND hidden_at IS NULL"
# Public and unlisted tweets; reposts, while other viewers can see the original.
_LISTED = f"""(
    SELECT author_id FROM tweets_tweet
    WHERE {_VISIBLE} AND visibility IN ('public', 'unlisted') AND repost_of_id IS NULL
    UNION ALL
    SELECT t.author_id FROM tweets_tweet t
    JOIN (SELECT id, author_id FROM tweets_tweet WHERE {_VISIBLE}) o ON o.id = t.repost_of_id
    JOIN accounts_user a ON a.id = o.author_id
    WHERE t.deleted_at IS NULL AND t.hidden_at IS NULL
    AND t.visibility IN ('public', 'unlisted') AND (o.author_id = t.author_id OR {_PUBLIC})
)"""  # noqa: S608 - only the conditions above are interpolated
# Public and unlisted tweets of public accounts: what an anonymous visitor sees.
_OPEN = f"""(
    SELECT t.* FROM tweets_tweet t JOIN accounts_user a ON a.id = t.author_id
    WHERE t.deleted_at IS NULL AND t.hidden_at IS NULL
    AND t.visibility IN ('public', 'unlisted') AND {_PUBLIC}
)"""  # noqa: S608 - as above
_OPEN_QUOTES = f"(SELECT * FROM {_OPEN} o WHERE NOT o.quote_detached)"  # noqa: S608 - as above
_OPEN_LIKES = f"""(
    SELECT l.* FROM tweets_like l JOIN accounts_user a ON a.id = l.user_id WHERE {_PUBLIC}
)"""  # noqa: S608 - as above
USER_TWEETS = Counter("user", "accounts_user", "tweets", _LISTED, "author_id")
USER_LIKES = Counter("user", "accounts_user", "likes", "tweets_like", "user_id")
TWEET_LIKES = Counter("tweet", "tweets_tweet", "likes", _OPEN_LIKES, "tweet_id")
TWEET_REPOSTS = Counter("tweet", "tweets_tweet", "reposts", _OPEN, "repost_of_id")
TWEET_QUOTES = Counter("tweet", "tweets_tweet", "quotes", _OPEN_QUOTES, "quote_of_id")
TWEET_REPLIES = Counter("tweet", "tweets_tweet", "replies", _OPEN, "reply_to_id")
COUNTERS = (USER_TWEETS, USER_LIKES, TWEET_LIKES, TWEET_REPOSTS, TWEET_QUOTES, TWEET_REPLIES)
WRONG_COUNTS = """
SELECT o.id, o.{c.name}_count, coalesce(counted.rows, 0) FROM {c.owners} o
LEFT JOIN (
    SELECT r.{c.key} AS id, count(*) AS rows FROM {c.rows} r GROUP BY 1
) counted USING (id)
WHERE o.{c.name}_count <> coalesce(counted.rows, 0) ORDER BY 1
"""
COUNT_ROWS = """
SELECT o.id, (SELECT count(*) FROM {c.rows} r WHERE r.{c.key} = o.id)
FROM unnest(%s::bigint[]) AS o (id)
"""
OVERWRITE_COUNT = """
UPDATE tweets_tweet t SET {column} = c.counted
FROM unnest(%s::bigint[], %s::int[]) AS c (id, counted) WHERE t.id = c.id
"""
