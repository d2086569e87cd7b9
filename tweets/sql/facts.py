"""The queries for the facts of tweets (tweets/read/facts.py)."""

from chirp.db.prepared import Prepared
from media.sql import PREVIEWS_OF_TWEETS
from tweets.read.facts import COLUMNS, FLAGS

# The expressions of facts that are not simply the column of that name. `t` is the tweet, `a` its
# author, and `f` the viewer's follow of the author.
EXPRESSIONS = {
    "sensitive": "t.sensitive OR t.marked_sensitive",
    "gone": "t.deleted_at IS NOT NULL OR t.hidden_at IS NOT NULL",
    "likes": "t.likes_count",
    "reposts": "t.reposts_count",
    "quotes": "t.quotes_count",
    "replies": "t.replies_count",
    "handle": "a.handle",
    "name": "a.name",
    "avatar": "a.avatar",
    "private": "a.private",
    "limited": "a.limited",
    "author_gone": "a.gone",
    "media_count": "CASE WHEN t.media_hidden THEN 0 ELSE t.media_count END",
    "mentions": """CASE WHEN t.text ~ '[@＠]' THEN (
        SELECT array_agg(u.handle) FROM tweets_mention m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.tweet_id = t.id) END""",
    "mine": "coalesce(t.author_id = %(viewer)s::bigint, FALSE)",
    "follows": "f.since_id IS NOT NULL",
    "follow_since": "f.since_id",
    "follow_reposts": "coalesce(f.reposts, FALSE)",
    "blocks": """t.author_id = ANY (ARRAY(SELECT blocked_id FROM people_block
        WHERE blocker_id = %(viewer)s::bigint
            AND blocked_id = ANY (ARRAY(SELECT id FROM concerned))))""",
    "blocked_by": """t.author_id = ANY (ARRAY(SELECT blocker_id FROM people_block
        WHERE blocked_id = %(viewer)s::bigint
            AND blocker_id = ANY (ARRAY(SELECT id FROM concerned))))""",
    "mutes": """t.author_id = ANY (ARRAY(SELECT muted_id FROM people_mute
        WHERE muter_id = %(viewer)s::bigint
            AND muted_id = ANY (ARRAY(SELECT id FROM concerned))))""",
    "mentioned": """(a.private OR t.visibility IN ('direct', 'followers'))
        AND EXISTS (SELECT FROM tweets_mention
        WHERE tweet_id = t.id AND user_id = %(viewer)s::bigint)""",
    "follows_replied": """coalesce(
        t.reply_to_author_id = ANY (ARRAY(SELECT followee_id FROM follow)), FALSE)""",
    "to_me": "coalesce(t.reply_to_author_id = %(viewer)s::bigint, FALSE)",
    "pinned": """coalesce(t.author_id = %(viewer)s::bigint, FALSE)
        AND EXISTS (SELECT FROM tweets_pin
        WHERE user_id = %(viewer)s::bigint AND tweet_id = t.id)""",
    "conversation_muted": """coalesce(t.conversation_id = ANY (ARRAY(
        SELECT conversation_id FROM tweets_conversationmute
        WHERE user_id = %(viewer)s::bigint
            AND conversation_id = ANY (ARRAY(SELECT conversation_id FROM wanted)))), FALSE)""",
    # Looked up only where replies are limited.
    "began_conversation": """t.replies_from <> 'everyone' AND coalesce(
        (SELECT author_id FROM tweets_tweet WHERE id = t.conversation_id)
            = %(viewer)s::bigint, FALSE)""",
    "followed_by_first": """t.replies_from = 'followed' AND EXISTS (SELECT FROM people_follow
        WHERE follower_id = (SELECT author_id FROM tweets_tweet WHERE id = t.conversation_id)
            AND followee_id = %(viewer)s::bigint AND since_id IS NOT NULL)""",
    "mentioned_first": """t.replies_from IN ('followed', 'mentioned')
        AND EXISTS (SELECT FROM tweets_mention
        WHERE tweet_id = t.conversation_id AND user_id = %(viewer)s::bigint)""",
    "liked": """coalesce(t.repost_of_id, t.id) = ANY (ARRAY(SELECT tweet_id FROM tweets_like
        WHERE user_id = %(viewer)s::bigint
            AND tweet_id = ANY (ARRAY(SELECT id FROM marked))))""",
    "reposted": """coalesce(t.repost_of_id, t.id) = ANY (ARRAY(SELECT repost_of_id FROM tweets_tweet
        WHERE author_id = %(viewer)s::bigint AND deleted_at IS NULL
            AND repost_of_id = ANY (ARRAY(SELECT id FROM marked))))""",
    "bookmarked": """coalesce(t.repost_of_id, t.id) = ANY (ARRAY(
        SELECT tweet_id FROM tweets_bookmark
        WHERE user_id = %(viewer)s::bigint
            AND tweet_id = ANY (ARRAY(SELECT id FROM marked))))""",
    "viewer_id": "%(viewer)s::bigint",
    # Every link has a dot.
    "preview": """CASE WHEN position('.' IN t.text) > 0 THEN (
        SELECT preview FROM preview WHERE tweet_id = t.id LIMIT 1) END""",
    "viewer_filters": "EXISTS (SELECT FROM filters_filter WHERE owner_id = %(viewer)s::bigint)",
}


def _selected(expressions: dict[str, str]) -> str:
    columns = (f"{expressions.get(name, f't.{name}')} AS {name}" for name in COLUMNS)
    # A column takes about as long as three of these bits, in PostgreSQL and again in Python.
    bits = " +\n    ".join(
        f"CASE WHEN {expressions.get(name, f't.{name}')} THEN {1 << bit} ELSE 0 END"
        for bit, name in enumerate(FLAGS)
    )
    return ",\n    ".join([*columns, f"{bits} AS flags"])


# Everything is selected all at once, by an index and an array: tweets, authors, the follows, blocks
# and mutes of the viewer, and their marks. An array is one step of the plan where a lookup for each
# row is many, and with a cached plan it costs a fifth of a subquery for each tweet. It is no join:
# the planner would choose one that scans everything that the viewer follows, because most accounts
# follow little, and one generic plan serves all viewers (with 10,000 follows a join took 2 ms
# instead of 0.1).
_PAGE = """page AS MATERIALIZED (
    SELECT * FROM tweets_tweet
    WHERE id = ANY (%(ids)s::bigint[])
)"""
_OWN = """
    SELECT id FROM tweets_tweet
    WHERE author_id = %(viewer)s::bigint AND deleted_at IS NULL
        AND id < %(below)s::bigint AND id > %(above)s::bigint
    ORDER BY id DESC LIMIT %(limit)s::bigint
"""
_PAGE_WITH_OWN = f"""own AS ({_OWN}), page AS MATERIALIZED (
    SELECT * FROM tweets_tweet
    WHERE id = ANY (%(ids)s::bigint[] || ARRAY(SELECT id FROM own))
)"""  # noqa: S608 - only the query above is interpolated
_CONCERNED, _MARKED = "ARRAY(SELECT id FROM concerned)", "ARRAY(SELECT id FROM marked)"
_CONVERSATIONS_OF_ALL = "ARRAY(SELECT conversation_id FROM wanted)"
_LINKING = "ARRAY(SELECT id FROM wanted WHERE position('.' IN text) > 0)"
_AUTHOR = """author AS MATERIALIZED (
    SELECT id, handle, name, avatar, private, limited_at IS NOT NULL AS limited,
        deactivated_at IS NOT NULL OR suspended_at IS NOT NULL AS gone
    FROM accounts_user WHERE id = ANY ({authors})
)"""
_FOLLOW = """follow AS MATERIALIZED (
    SELECT followee_id, since_id, reposts FROM people_follow
    WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
        AND followee_id = ANY ({accounts})
)"""


def _facts(page: str) -> str:
    return f"""
WITH {page}, originals AS MATERIALIZED (
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
), {_AUTHOR.format(authors="ARRAY(SELECT author_id FROM wanted)")}, concerned AS MATERIALIZED (
    SELECT author_id AS id FROM wanted
    UNION SELECT reply_to_author_id FROM wanted WHERE reply_to_author_id IS NOT NULL
), marked AS MATERIALIZED (
    SELECT DISTINCT coalesce(repost_of_id, id) AS id FROM wanted
), {_FOLLOW.format(accounts=_CONCERNED)},
preview AS MATERIALIZED ({PREVIEWS_OF_TWEETS.format(tweets=_LINKING)})
SELECT {_selected(EXPRESSIONS)}
FROM wanted t
JOIN author a ON a.id = t.author_id
LEFT JOIN follow f ON f.followee_id = t.author_id
"""  # noqa: S608 - only the expressions above are interpolated


FACTS = Prepared(_facts(_PAGE_WITH_OWN))


def _flat(expression: str) -> str:
    for array, known in (
        (_CONCERNED, "%(accounts)s::bigint[]"),
        (_MARKED, "%(ids)s::bigint[]"),
        (_CONVERSATIONS_OF_ALL, "%(ids)s::bigint[]"),
    ):
        expression = expression.replace(array, known)
    return expression


# These facts are only about tweets for some viewers, and with limited replies, which are not asked
# for in this way.
_LIMITED = ("mentioned", "began_conversation", "followed_by_first", "mentioned_first")
_FLAT = {name: _flat(expression) for name, expression in EXPRESSIONS.items()}
_FLAT |= dict.fromkeys(_LIMITED, "FALSE")
_FLAT["on_page"] = "t.id = ANY (%(page)s::bigint[])"
# The same facts, where it is known what the tweets of a page refer to (tweets/read/references.py).
# The last column tells whether all of the viewer's own tweets are on it.
FLAT_FACTS = Prepared(f"""
WITH {_AUTHOR.format(authors="%(accounts)s::bigint[]")},
{_FOLLOW.format(accounts="%(accounts)s::bigint[]")},
preview AS MATERIALIZED ({PREVIEWS_OF_TWEETS.format(tweets="%(linking)s::bigint[]")})
SELECT {_selected(_FLAT)},
    (SELECT ARRAY({_OWN}) <@ %(page)s::bigint[]) AS is_whole
FROM (SELECT * FROM tweets_tweet WHERE id = ANY (%(ids)s::bigint[]) OFFSET 0) t
JOIN author a ON a.id = t.author_id
LEFT JOIN follow f ON f.followee_id = t.author_id
""")  # noqa: S608 - only the expressions above are interpolated
# The same for many viewers at once, in the order of the viewers. What does not depend on the viewer
# is computed once.
FACTS_FOR = Prepared(f"""
SELECT found.* FROM unnest(%(viewers)s::bigint[]) AS viewer (id)
CROSS JOIN LATERAL ({_facts(_PAGE).replace("%(viewer)s::bigint", "viewer.id")}) found
""")  # noqa: S608 - as above
