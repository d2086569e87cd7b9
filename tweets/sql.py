"""The hand-written SQL of tweets.

It reads tables of other apps where a join is needed (tests/system/test_sql.py lists them), and
writes to none of them.
"""

from dataclasses import dataclass
from typing import Any

from chirp.db.prepared import Prepared
from tweets.read.facts import LOADED

# --- Facts ---------------------------------------------------------------------------------------

# The expressions of facts that are not simply the column of that name. `t` is the tweet, `a` its
# author, and `f` the viewer's follow of the author.
EXPRESSIONS = {
    "gone": "t.deleted_at IS NOT NULL OR t.hidden_at IS NOT NULL",
    "likes": "t.likes_count",
    "reposts": "t.reposts_count",
    "quotes": "t.quotes_count",
    "replies": "t.replies_count",
    "handle": "a.handle",
    "name": "a.name",
    "private": "a.private",
    "author_gone": "a.gone",
    "mentions": """CASE WHEN t.text ~ '[@＠]' THEN (
        SELECT array_agg(u.handle) FROM tweets_mention m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.tweet_id = t.id) END""",
    "mine": "coalesce(t.author_id = %(viewer)s::bigint, FALSE)",
    "follows": "f.since_id IS NOT NULL",
    "follow_since": "f.since_id",
    "follow_reposts": "coalesce(f.reposts, FALSE)",
    "blocks": """t.author_id = ANY (ARRAY(SELECT c.id FROM concerned c CROSS JOIN LATERAL (
        SELECT FROM people_block
        WHERE blocker_id = %(viewer)s::bigint AND blocked_id = c.id LIMIT 1) b))""",
    "blocked_by": """t.author_id = ANY (ARRAY(SELECT c.id FROM concerned c CROSS JOIN LATERAL (
        SELECT FROM people_block
        WHERE blocker_id = c.id AND blocked_id = %(viewer)s::bigint LIMIT 1) b))""",
    "mutes": """t.author_id = ANY (ARRAY(SELECT c.id FROM concerned c CROSS JOIN LATERAL (
        SELECT FROM people_mute
        WHERE muter_id = %(viewer)s::bigint AND muted_id = c.id LIMIT 1) m))""",
    "mentioned": """(a.private OR t.visibility IN ('direct', 'followers'))
        AND EXISTS (SELECT FROM tweets_mention
        WHERE tweet_id = t.id AND user_id = %(viewer)s::bigint)""",
    "follows_replied": """coalesce(
        t.reply_to_author_id = ANY (ARRAY(SELECT followee_id FROM follow)), FALSE)""",
    "to_me": "coalesce(t.reply_to_author_id = %(viewer)s::bigint, FALSE)",
    "liked": """coalesce(t.repost_of_id, t.id) = ANY (ARRAY(
        SELECT m.id FROM marked m CROSS JOIN LATERAL (
            SELECT FROM tweets_like
            WHERE user_id = %(viewer)s::bigint AND tweet_id = m.id LIMIT 1) l))""",
    "reposted": """coalesce(t.repost_of_id, t.id) = ANY (ARRAY(
        SELECT m.id FROM marked m CROSS JOIN LATERAL (
            SELECT FROM tweets_tweet WHERE repost_of_id = m.id
                AND author_id = %(viewer)s::bigint AND deleted_at IS NULL LIMIT 1) r))""",
    "viewer_id": "%(viewer)s::bigint",
}
SELECTED = ",\n    ".join(f"{EXPRESSIONS.get(name, f't.{name}')} AS {name}" for name in LOADED)

# Tweets and authors are selected all at once, by an index and an array: with a cached plan, this
# costs a fifth of a subquery for each tweet. The relations between the viewer and each of them
# (follows, blocks, mutes, likes) are looked up one by one in a unique index. The LIMIT 1 keeps the
# planner from turning these lookups into a join, which would scan everything that the viewer
# follows or likes. It would choose a join because most accounts follow and like little, and one
# generic plan serves all viewers (with 10,000 follows a join took 2 ms instead of 0.1).
FACTS = Prepared(
    f"""
WITH own AS (
    SELECT id FROM tweets_tweet
    WHERE author_id = %(viewer)s::bigint AND deleted_at IS NULL
        AND id < %(below)s::bigint AND id > %(above)s::bigint
    ORDER BY id DESC LIMIT %(limit)s::bigint
), page AS MATERIALIZED (
    SELECT * FROM tweets_tweet
    WHERE id = ANY (%(ids)s::bigint[] || ARRAY(SELECT id FROM own))
), originals AS MATERIALIZED (
    SELECT * FROM tweets_tweet
    WHERE id = ANY (ARRAY(SELECT repost_of_id FROM page WHERE repost_of_id IS NOT NULL))
), quoted AS (
    SELECT * FROM tweets_tweet WHERE id = ANY (ARRAY(
        SELECT quote_of_id FROM page WHERE quote_of_id IS NOT NULL
        UNION ALL SELECT quote_of_id FROM originals WHERE quote_of_id IS NOT NULL))
), shown AS MATERIALIZED (
    SELECT *, TRUE AS on_page FROM page
    UNION ALL SELECT *, FALSE FROM originals
    UNION ALL SELECT *, FALSE FROM quoted
), above AS (
    SELECT * FROM tweets_tweet WHERE id = ANY (ARRAY(
        SELECT reply_to_id FROM shown WHERE reply_to_id IS NOT NULL
        UNION SELECT conversation_id FROM shown WHERE reply_to_id IS NOT NULL
        EXCEPT SELECT id FROM shown))
), wanted AS MATERIALIZED (
    SELECT * FROM shown
    UNION ALL SELECT *, FALSE FROM above
), author AS MATERIALIZED (
    SELECT id, handle, name, private,
        deactivated_at IS NOT NULL OR suspended_at IS NOT NULL AS gone
    FROM accounts_user WHERE id = ANY (ARRAY(SELECT author_id FROM wanted))
), concerned AS MATERIALIZED (
    SELECT author_id AS id FROM wanted
    UNION SELECT reply_to_author_id FROM wanted WHERE reply_to_author_id IS NOT NULL
), marked AS MATERIALIZED (
    SELECT DISTINCT coalesce(repost_of_id, id) AS id FROM wanted
), follow AS MATERIALIZED (
    SELECT f.* FROM concerned c CROSS JOIN LATERAL (
        SELECT followee_id, since_id, reposts FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND followee_id = c.id AND since_id IS NOT NULL
        LIMIT 1) f
)
SELECT {SELECTED}
FROM wanted t
JOIN author a ON a.id = t.author_id
LEFT JOIN follow f ON f.followee_id = t.author_id
"""  # noqa: S608 - only the expressions above are interpolated
)
HANDLES = Prepared("""
SELECT id, handle FROM accounts_user
WHERE id = ANY (%(ids)s::bigint[]) AND deactivated_at IS NULL AND suspended_at IS NULL
""")

# --- Lists ---------------------------------------------------------------------------------------

# The ids of the tweets above a reply, nearest first. Parameters: the reply's id, the most steps.
ANCESTORS = """
WITH RECURSIVE ancestors AS (
    SELECT reply_to_id AS id, 1 AS steps FROM tweets_tweet WHERE id = %s
    UNION ALL
    SELECT t.reply_to_id, steps + 1 FROM ancestors JOIN tweets_tweet t USING (id) WHERE steps < %s
)
SELECT id FROM ancestors WHERE id IS NOT NULL
"""
# The inner query repeats the condition of the index tweet_nearby, which cannot be used otherwise,
# and compares the haversine of the angle between two points. This formula is exact at the poles,
# and the antimeridian needs no special case.
_NEAR = """
SELECT near.id FROM unnest(%(cells)s::int[]) AS covered (cell), LATERAL (
    SELECT t.id FROM tweets_tweet t
    WHERE t.cell = covered.cell AND t.cell IS NOT NULL AND t.visibility = 'public'
        AND t.deleted_at IS NULL AND t.hidden_at IS NULL
        AND t.id {beyond} %(position)s::bigint
        AND sin(radians(t.lat - %(lat)s::float8) / 2) ^ 2 + cos(radians(t.lat))
            * %(cos_lat)s::float8 * sin(radians(t.lon - %(lon)s::float8) / 2) ^ 2
            <= %(max_haversine)s::float8
    ORDER BY t.id {order} LIMIT %(limit)s::bigint
) near
ORDER BY near.id {order} LIMIT %(limit)s::bigint
"""
NEAR_BELOW = Prepared(_NEAR.format(beyond="<", order="DESC"))
NEAR_ABOVE = Prepared(_NEAR.format(beyond=">", order="ASC"))

# --- Counts --------------------------------------------------------------------------------------


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
_OPEN_LIKES = f"""(
    SELECT l.* FROM tweets_like l JOIN accounts_user a ON a.id = l.user_id WHERE {_PUBLIC}
)"""  # noqa: S608 - as above
USER_TWEETS = Counter("user", "accounts_user", "tweets", _LISTED, "author_id")
USER_LIKES = Counter("user", "accounts_user", "likes", "tweets_like", "user_id")
TWEET_LIKES = Counter("tweet", "tweets_tweet", "likes", _OPEN_LIKES, "tweet_id")
TWEET_REPOSTS = Counter("tweet", "tweets_tweet", "reposts", _OPEN, "repost_of_id")
TWEET_QUOTES = Counter("tweet", "tweets_tweet", "quotes", _OPEN, "quote_of_id")
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
