"""The hand-written SQL of tweets.

It reads tables of other apps where a join is needed (tests/system/test_sql.py lists them), and
writes to none of them.
"""

from dataclasses import dataclass
from typing import Any

from chirp.db.prepared import Prepared
from media.sql import PREVIEWS_OF_TWEETS
from tweets.read.facts import COLUMNS, FLAGS

# --- Facts ---------------------------------------------------------------------------------------

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
HANDLES = Prepared("""
SELECT id, handle FROM accounts_user
WHERE id = ANY (%(ids)s::bigint[]) AND deactivated_at IS NULL AND suspended_at IS NULL
""")

# Polls with these ids, and what the viewer voted for.
# The viewer's newest quote of each of these tweets. In the order of the index that has the author,
# or all quotes of a tweet may be read.
OWN_QUOTES = Prepared("""
SELECT max(own.id) FROM unnest(%(tweets)s::bigint[]) AS quoted (id)
CROSS JOIN unnest(ARRAY['public', 'unlisted', 'followers', 'direct']) AS one (reach)
CROSS JOIN LATERAL (
    SELECT t.id FROM tweets_tweet t
    WHERE t.quote_of_id = quoted.id AND t.reach = one.reach AND t.author_id = %(viewer)s::bigint
        AND t.live AND NOT t.quote_detached
    ORDER BY t.id DESC LIMIT 1) own
GROUP BY quoted.id
""")
POLLS = Prepared("""
SELECT p.tweet_id, p.choices, p.votes, p.voters, p.multiple, p.hide_results, p.ends_at,
    (SELECT v.choices FROM tweets_pollvote v
        WHERE v.poll_id = p.tweet_id AND v.user_id = %(viewer)s::bigint)
FROM tweets_poll p WHERE p.tweet_id = ANY (%(ids)s::bigint[])
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

# What answers the tweets `tops`, level by level: the id of each answer and of what it answers.
_ANSWERS = """(SELECT id FROM tweets_tweet
        WHERE reply_to_id = below.id AND {which} AND live ORDER BY id LIMIT %(each)s::bigint)"""
_ANSWERS_OF_ALL = " UNION ALL ".join(
    _ANSWERS.format(which=which)
    for which in (
        "reach = 'public'",
        "reach = 'unlisted'",
        "reach IN ('followers', 'nobody') AND author_id = %(viewer)s::bigint",
    )
)
BRANCHES = Prepared(f"""
WITH RECURSIVE below (id, parent_id, depth) AS (
    SELECT top, NULL::bigint, 0 FROM unnest(%(tops)s::bigint[]) AS top
    UNION ALL
    SELECT answer.id, below.id, depth + 1 FROM below CROSS JOIN LATERAL (
        {_ANSWERS_OF_ALL} ORDER BY id LIMIT %(each)s::bigint
    ) answer
    WHERE depth < %(depth)s::bigint
)
SELECT id, parent_id FROM below WHERE depth > 0 ORDER BY depth, id LIMIT %(most)s::bigint
""")  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Scans:
    """The query for a window of a list, in both directions from a position.

    It returns one row: whether the query gave up; the position to which the window reaches, None
    for the end of the list; and the keys and the ids of the candidates, in the order of reading.
    """

    below: Prepared
    above: Prepared


# `scanned` is the union of streams: rows (stream, key, id, author_id, audience). Each stream is a
# part of the list in order, cut after `scan` rows, and each has an index that gives it that order.
# So the work is bounded, and the window ends where the first of the cut streams ends. The authors
# of the window are then looked up at once: a row stays if the viewer wants to see its author, and
# belongs to its audience (see _AUDIENCE). The rules in tweets/read/facts.py have the last word.
#
# Arrays, OFFSET 0 and LIMIT 1 keep the planner from turning lookups for a few rows into joins,
# which would read whole tables: see FACTS. IN within CASE becomes a hash table, not a join either.
_WINDOW = """
WITH RECURSIVE {before}scanned AS MATERIALIZED ({streams}), reached AS MATERIALIZED (
    SELECT {nearest}(last) AS position FROM (
        SELECT {farthest}(key) AS last FROM scanned
        GROUP BY stream HAVING count(*) >= %(scan)s::bigint
    ) cut
), writer AS MATERIALIZED ({authors}), author AS MATERIALIZED (
    SELECT a.id, a.private, a.limited_at, a.id = %(viewer)s::bigint OR a.id = ANY (ARRAY(
        SELECT followee_id FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
            AND followee_id = ANY (ARRAY(SELECT author_id FROM writer)))) AS followed
    FROM accounts_user a
    WHERE a.id = ANY (ARRAY(SELECT author_id FROM writer))
        AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
        AND a.id <> ALL (ARRAY(SELECT blocked_id FROM people_block
            WHERE blocker_id = %(viewer)s::bigint
                AND blocked_id = ANY (ARRAY(SELECT author_id FROM writer))))
        AND a.id <> ALL (ARRAY(SELECT blocker_id FROM people_block
            WHERE blocked_id = %(viewer)s::bigint
                AND blocker_id = ANY (ARRAY(SELECT author_id FROM writer))))
        {unwanted}
)
SELECT {gave_up}, (SELECT position FROM reached),
    array_agg(key ORDER BY key {order}), array_agg(id ORDER BY key {order})
FROM (
    SELECT DISTINCT key, id FROM scanned s
    WHERE (key {within} (SELECT position FROM reached)) IS NOT FALSE AND {welcome}
) candidate
"""
# Who may see a row, if the viewer wants to see its author. NULL is nobody.
_WELCOME = """CASE {audience} WHEN 'shown' THEN TRUE
    WHEN 'addressed' THEN {author} IN (SELECT id FROM author)
    WHEN 'followers' THEN {author} IN (SELECT id FROM author WHERE followed)
    WHEN 'all' THEN {author} IN (SELECT id FROM author WHERE followed OR NOT private)
    WHEN 'public' THEN {author} IN (SELECT id FROM author
        WHERE NOT private AND (limited_at IS NULL OR followed)) END"""
_AUDIENCE = """CASE WHEN {t}.author_id = %(viewer)s::bigint
    OR ({t}.visibility <> 'direct' AND {t}.reply_to_author_id = %(viewer)s::bigint)
    OR EXISTS (SELECT FROM tweets_mention
        WHERE tweet_id = {t}.id AND user_id = %(viewer)s::bigint OFFSET 0) THEN 'addressed'
    WHEN {t}.visibility IN ('public', 'unlisted') THEN 'all'
    WHEN {t}.visibility = 'followers' THEN 'followers' END"""
_NOT_MUTED = """AND a.id <> ALL (ARRAY(SELECT muted_id FROM people_mute
            WHERE muter_id = %(viewer)s::bigint
                AND muted_id = ANY (ARRAY(SELECT author_id FROM writer))))"""
_BELOW = {"beyond": "<", "order": "DESC", "farthest": "min", "nearest": "max", "within": ">="}
_ABOVE = {"beyond": ">", "order": "ASC", "farthest": "max", "nearest": "min", "within": "<="}


def _scans(
    streams: str,
    *,
    before: str = "",
    authors: str = "SELECT DISTINCT author_id FROM scanned",
    unwanted: str = _NOT_MUTED,
    gave_up: str = "FALSE",
) -> Scans:
    welcome = _WELCOME.format(audience="s.audience", author="s.author_id")
    parts = {"authors": authors, "unwanted": unwanted, "gave_up": gave_up, "welcome": welcome}

    def query(way: dict[str, str]) -> Prepared:
        texts = {"before": before.format(**way), "streams": streams.format(**way)}
        return Prepared(_WINDOW.format(**texts, **parts, **way))

    return Scans(query(_BELOW), query(_ABOVE))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of `table` that match, by `key`, in one stream for each visibility.

    `match` may compare with `v.visibility`, and must be what an index has in front of `key`.
    """

    table: str
    match: str
    key: str = "id"
    id: str = "id"
    author: str = "author_id"

    @property
    def windows(self) -> str:
        """The streams: one for each visibility."""
        return f"""
    SELECT v.visibility AS stream, r.key, r.id, r.author_id, %(audience)s::text AS audience
    FROM unnest(%(visibilities)s::text[]) AS v (visibility) CROSS JOIN LATERAL (
        SELECT {self.key} AS key, {self.id} AS id, {self.author} AS author_id
        FROM {self.table} t
        WHERE {self.match} AND {self.key} {{beyond}} %(position)s::bigint
        ORDER BY t.{self.key} {{order}} LIMIT %(scan)s::bigint
    ) r"""  # noqa: S608 - only constants of this module are interpolated

    @property
    def authors(self) -> str:
        """Find the authors by hopping through an index, and those whose rows may be shown."""
        welcome = _WELCOME.format(audience="%(audience)s::text", author="v.author_id")
        return f"""hop AS (
    SELECT visibility, 0::bigint AS author_id
    FROM unnest(%(visibilities)s::text[]) AS v (visibility)
    UNION ALL
    SELECT v.visibility, r.author_id FROM hop v CROSS JOIN LATERAL (
        SELECT author_id FROM {self.table} WHERE {self.match} AND author_id > v.author_id
        ORDER BY author_id LIMIT 1) r
), known AS MATERIALIZED (
    SELECT * FROM hop WHERE author_id > 0 LIMIT %(most_authors)s::bigint + 1
), wanted AS MATERIALIZED (
    SELECT * FROM known v
    WHERE (SELECT count(*) FROM known) <= %(most_authors)s::bigint AND {welcome}
), """  # noqa: S608 - as above

    @property
    def by_author(self) -> str:
        """The streams: one for each author whose rows may be shown."""
        return f"""
    SELECT v.visibility || v.author_id AS stream, r.key, r.id, v.author_id, %(audience)s::text
        AS audience
    FROM wanted v CROSS JOIN LATERAL (
        SELECT {self.key} AS key, {self.id} AS id FROM {self.table} t
        WHERE {self.match} AND author_id = v.author_id
            AND {self.key} {{beyond}} %(position)s::bigint
        ORDER BY t.{self.key} {{order}} LIMIT %(scan)s::bigint
    ) r"""  # noqa: S608 - as above


def _by_author(rows: _Rows, *, before: str = "", others: str = "") -> Scans:
    """Return the query that leaves out the authors whose rows the viewer may or would not see.

    However many rows they have, it does not read them. It gives up if there are too many authors.
    """
    found = f"others AS MATERIALIZED ({others}), " if others else ""
    also = " UNION SELECT author_id FROM others" if others else ""
    return _scans(
        rows.by_author + (" UNION ALL TABLE others" if others else ""),
        before=before + rows.authors + found,
        authors=f"SELECT author_id FROM known{also}",  # noqa: S608 - as above
        gave_up="(SELECT count(*) FROM known) > %(most_authors)s::bigint",
    )


def _met(known: str, rows: str) -> str:
    """Return `hop_to`: the followees of the viewer who are among the authors of rows, by hopping.

    It goes through the followees and the authors at once. `rows` is a table with a condition, and
    has an index in the order of the column `known`.
    """
    return f"""hop_to AS (
    SELECT 0::bigint AS author_id, NULL::bigint AS followee_id
    UNION ALL
    SELECT CASE WHEN r.author_id = f.followee_id THEN r.author_id ELSE r.author_id - 1 END,
        CASE WHEN r.author_id = f.followee_id THEN r.author_id END
    FROM hop_to CROSS JOIN LATERAL (
        SELECT followee_id FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
            AND followee_id > hop_to.author_id
        ORDER BY followee_id LIMIT 1
    ) f CROSS JOIN LATERAL (
        SELECT {known} AS author_id FROM {rows}
            AND {known} >= f.followee_id ORDER BY {known} LIMIT 1
    ) r
), """  # noqa: S608 - as above


def _around(column: str) -> tuple[_Rows, str, str]:
    """Return the parts of the query for the tweets whose `column` refers to one tweet.

    Those that reach everybody are read by `_Rows`. Others, of which there may be any number, are
    found from the viewer's side: the viewer's own, those of followees, those that mention the
    viewer, and those that answer them. Of accounts whose state is being noted, every one is read
    (tweets/author_states.py).
    """
    match = f"{column} = %(of)s::bigint AND live AND reach = "
    followees = _met("author_id", f"tweets_tweet WHERE {match} 'followers'")
    others = f"""
    SELECT c.reach || c.author_id AS stream, r.id AS key, r.id, c.author_id,
        CASE WHEN c.author_id = %(viewer)s::bigint THEN 'addressed' ELSE 'followers' END AS audience
    FROM (
        SELECT %(viewer)s::bigint AS author_id, unnest(ARRAY['followers', 'direct']) AS reach
        UNION ALL SELECT followee_id, 'followers' FROM hop_to WHERE followee_id IS NOT NULL
    ) c CROSS JOIN LATERAL (
        SELECT id FROM tweets_tweet WHERE {match} c.reach AND author_id = c.author_id
            AND id {{beyond}} %(position)s::bigint ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) r
    UNION ALL
    SELECT 'noted' || c.reach || c.author_id, t.id, t.id, c.author_id, {_AUDIENCE.format(t="t")}
    FROM (
        SELECT user_id AS author_id, unnest(ARRAY['followers', 'nobody']) AS reach
        FROM accounts_pendingrecount
    ) c CROSS JOIN LATERAL (
        SELECT id, author_id, visibility, reply_to_author_id FROM tweets_tweet
        WHERE {match} c.reach AND author_id = c.author_id
            AND id {{beyond}} %(position)s::bigint ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) t
    UNION ALL (SELECT 'mentioned', tweet_id, tweet_id, author_id, 'addressed' FROM tweets_mention
        WHERE user_id = %(viewer)s::bigint AND {column} = %(of)s::bigint AND NOT author_gone
            AND tweet_id {{beyond}} %(position)s::bigint
        ORDER BY tweet_id {{order}} LIMIT %(scan)s::bigint)"""  # noqa: S608 - as above
    return _Rows("tweets_tweet", f"{match} v.visibility"), followees, others


def _people(table: str, match: str, person: str) -> Scans:
    """Return the query for the people who did something to a tweet.

    Of private accounts, only those that the viewer follows are read: see `_around`.
    """
    rows = _Rows(table, f"{match} AND author_state = 'open'", id=person, author=person)
    private = f"{table} WHERE {match} AND author_state = 'private'"
    others = f"""
    SELECT 'of' || c.id AS stream, r.id AS key, c.id, c.id, 'all'
    FROM (
        SELECT %(viewer)s::bigint AS id
        UNION SELECT followee_id FROM hop_to WHERE followee_id IS NOT NULL
        UNION SELECT user_id FROM accounts_pendingrecount
    ) c CROSS JOIN LATERAL (
        SELECT id FROM {table}
        WHERE {match} AND author_state IN ('private', 'gone') AND {person} = c.id
            AND id {{beyond}} %(position)s::bigint LIMIT 1
    ) r"""  # noqa: S608 - as above
    streams = f"{rows.windows} UNION ALL {others}"
    return _scans(streams, before=_met(person, private), unwanted="")


_REPLIES = _around("reply_to_id")
# A reply to somebody reaches them also if it is a quote of another tweet.
_ROWS, _FOLLOWEES, _OTHERS = _around("quote_of_id")
_QUOTES = (
    _ROWS,
    _FOLLOWEES,
    f"""{_OTHERS}
    UNION ALL (SELECT 'answering', id, id, author_id,
            CASE WHEN visibility <> 'direct' THEN 'addressed' END
        FROM tweets_tweet
        WHERE quote_of_id = %(of)s::bigint AND reply_to_author_id = %(viewer)s::bigint AND live
            AND reach <> 'nobody' AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint)""",  # noqa: S608 - as above
)
REPLIES, QUOTES = (
    _scans(f"{rows.windows} UNION ALL {others}", before=before)
    for rows, before, others in (_REPLIES, _QUOTES)
)
REPLIES_BY_AUTHOR, QUOTES_BY_AUTHOR = (
    _by_author(rows, before=before, others=others) for rows, before, others in (_REPLIES, _QUOTES)
)
_TAGGED = _Rows("tweets_hashtag", "tag = %(of)s::text AND listed", key="tweet_id", id="tweet_id")
TAGGED, TAGGED_BY_AUTHOR = _scans(_TAGGED.windows), _by_author(_TAGGED)
_PUBLIC_ROWS = """visibility = 'public' AND live AND reply_to_author_id IS NULL
    AND repost_of_id IS NULL"""
PUBLIC = _scans(_Rows("tweets_tweet", _PUBLIC_ROWS).windows)

LIKERS = _people("tweets_like", "tweet_id = %(of)s::bigint", "user_id")
REPOSTERS = _people("tweets_tweet", "repost_of_id = %(of)s::bigint AND live", "author_id")

LIKED = _scans(f"""
    SELECT 'liked' AS stream, l.id AS key, l.tweet_id AS id, t.author_id,
        {_AUDIENCE.format(t="t")} AS audience
    FROM (SELECT id, tweet_id FROM tweets_like
        WHERE user_id = %(of)s::bigint AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) l LEFT JOIN LATERAL (
        SELECT id, author_id, visibility, reply_to_author_id FROM tweets_tweet
        WHERE id = l.tweet_id AND live LIMIT 1
    ) t ON TRUE""")  # noqa: S608 - as above
# The two kinds of tweets on a profile; those with media have a tab of their own. The conditions
# are those of the indexes, word by word.
_TO_OTHERS = """reply_to_author_id IS NOT NULL
    AND NOT (reply_to_author_id = author_id AND reply_to_author_id IS NOT NULL)"""
_NOT_TO_OTHERS = "(reply_to_author_id IS NULL OR reply_to_author_id = author_id)"
# Who opens a profile wants to read it, so nothing but the originals of reposts is checked. Tweets
# for other audiences that mention the viewer are found from the viewer's side.
_WRITTEN = """
    SELECT v.visibility AS stream, t.id AS key, t.id, o.author_id,
        CASE WHEN t.repost_of_id IS NULL OR o.author_id = %(of)s::bigint THEN 'shown'
            ELSE {audience} END AS audience
    FROM unnest(%(visibilities)s::text[]) AS v (visibility) CROSS JOIN LATERAL (
        SELECT id, repost_of_id FROM tweets_tweet
        WHERE author_id = %(of)s::bigint AND visibility = v.visibility
            AND live AND {kind} AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) t LEFT JOIN LATERAL (
        SELECT id, author_id, visibility, reply_to_author_id FROM tweets_tweet
        WHERE id = t.repost_of_id AND live LIMIT 1
    ) o ON TRUE
    UNION ALL
    SELECT 'mentioned', m.tweet_id, m.tweet_id, NULL, t.audience
    FROM (SELECT tweet_id FROM tweets_mention
        WHERE user_id = %(viewer)s::bigint AND author_id = %(of)s::bigint
            AND tweet_id {{beyond}} %(position)s::bigint
        ORDER BY tweet_id {{order}} LIMIT %(scan)s::bigint
    ) m LEFT JOIN LATERAL (
        SELECT 'shown' AS audience FROM tweets_tweet
        WHERE id = m.tweet_id AND live AND {kind} LIMIT 1
    ) t ON TRUE"""
_O = _AUDIENCE.format(t="o")
_ANSWERING = """
    UNION ALL (SELECT 'answering', id, id, NULL, CASE WHEN visibility <> 'direct' THEN 'shown' END
        FROM tweets_tweet
        WHERE author_id = %(of)s::bigint AND reply_to_author_id = %(viewer)s::bigint AND live
            AND {kind} AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint)"""
POSTS = _scans(_WRITTEN.format(audience=_O, kind=_NOT_TO_OTHERS))
ANSWERS, WITH_MEDIA = (
    _scans(_WRITTEN.format(audience=_O, kind=kind) + _ANSWERING.format(kind=kind))
    for kind in (_TO_OTHERS, "media_count > 0")
)
# Both kinds, in streams of their own.
EVERYTHING = _scans(
    _WRITTEN.format(audience=_O, kind=_NOT_TO_OTHERS)
    + " UNION ALL "
    + _WRITTEN.format(audience=_O, kind=_TO_OTHERS)
    .replace("v.visibility AS stream", "'to ' || v.visibility AS stream")
    .replace("'mentioned', m.", "'to mentioned', m.")
    + _ANSWERING.format(kind=_TO_OTHERS)
)
# One stream for each cell. The condition is the same as in the index tweet_nearby, which cannot be
# used otherwise. The haversine of the angle between two points is compared: this formula is exact
# at the poles, and the antimeridian needs no special case.
NEAR = _scans("""
    SELECT covered.cell::text AS stream, t.id AS key, t.id, t.author_id,
        CASE WHEN sin(radians(t.lat - %(lat)s::float8) / 2) ^ 2 + cos(radians(t.lat))
            * %(cos_lat)s::float8 * sin(radians(t.lon - %(lon)s::float8) / 2) ^ 2
            <= %(max_haversine)s::float8 THEN 'public' END AS audience
    FROM unnest(%(cells)s::int[]) AS covered (cell) CROSS JOIN LATERAL (
        SELECT id, author_id, lat, lon FROM tweets_tweet
        WHERE cell = covered.cell AND cell IS NOT NULL AND visibility = 'public' AND live
            AND id {beyond} %(position)s::bigint
        ORDER BY id {order} LIMIT %(scan)s::bigint
    ) t""")

# A new direct tweet in the conversations of `users`. The rows are locked in the order of the users,
# so that two tweets of one conversation cannot wait for each other.
NOTE_DIRECT = Prepared("""
INSERT INTO tweets_conversation AS c (user_id, conversation_id, newest_id, read_up_to)
SELECT u.id, %(conversation)s::bigint, %(tweet)s::bigint,
    CASE WHEN u.id = %(author)s::bigint THEN %(tweet)s::bigint ELSE 0 END
FROM unnest(%(users)s::bigint[]) AS u (id) ORDER BY u.id
ON CONFLICT (user_id, conversation_id) DO UPDATE SET
    newest_id = greatest(c.newest_id, excluded.newest_id),
    read_up_to = greatest(c.read_up_to, excluded.read_up_to)
RETURNING id
""")
# Conversations of the viewer, with the newest direct tweet of each author in it.
_CONVERSATIONS = """
SELECT c.newest_id, ARRAY(
    SELECT DISTINCT ON (t.author_id) t.id FROM tweets_tweet t
    WHERE t.conversation_id = c.conversation_id AND t.visibility = 'direct'
        AND t.deleted_at IS NULL AND t.hidden_at IS NULL
        AND (t.author_id = %(viewer)s::bigint OR EXISTS (SELECT FROM tweets_mention
            WHERE tweet_id = t.id AND user_id = %(viewer)s::bigint))
    ORDER BY t.author_id, t.id DESC)
FROM tweets_conversation c
WHERE c.user_id = %(viewer)s::bigint AND c.newest_id {beyond} %(position)s::bigint
ORDER BY c.newest_id {order} LIMIT %(limit)s::bigint
"""
CONVERSATIONS_BELOW = Prepared(_CONVERSATIONS.format(beyond="<", order="DESC"))
CONVERSATIONS_ABOVE = Prepared(_CONVERSATIONS.format(beyond=">", order="ASC"))

# How many conversations have a direct tweet that the user can read and has not read, up to a limit.
# It agrees with `unread` of those in the list. For a column of another query.
UNREAD_CONVERSATIONS = """(
SELECT count(*) FROM (
    SELECT FROM tweets_conversation c
    WHERE c.user_id = %(user)s::bigint AND c.newest_id > c.read_up_to AND EXISTS (
        SELECT FROM tweets_tweet t JOIN accounts_user a ON a.id = t.author_id
            AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
        WHERE t.conversation_id = c.conversation_id AND t.id > c.read_up_to
            AND t.visibility = 'direct' AND t.deleted_at IS NULL AND t.hidden_at IS NULL
            AND t.author_id <> %(user)s::bigint
            AND EXISTS (SELECT FROM tweets_mention
                WHERE tweet_id = t.id AND user_id = %(user)s::bigint)
            AND NOT EXISTS (SELECT FROM people_block
                WHERE blocker_id = %(user)s::bigint AND blocked_id = a.id)
            AND NOT EXISTS (SELECT FROM people_block
                WHERE blocker_id = a.id AND blocked_id = %(user)s::bigint)
            AND NOT EXISTS (SELECT FROM people_mute
                WHERE muter_id = %(user)s::bigint AND muted_id = a.id))
    LIMIT %(limit)s::bigint
) unread)"""

# --- Media ---------------------------------------------------------------------------------------

# The uploads in drafts and scheduled tweets. Their ids are numbers, or else they are of no use.
WAITING_MEDIA = Prepared("""
SELECT DISTINCT item::bigint FROM (
    SELECT jsonb_path_query(content, '$[*].media_ids[*]') AS item FROM tweets_draft
    UNION ALL SELECT jsonb_path_query(content, '$[*].media_ids[*]') FROM tweets_scheduledtweet
) waiting WHERE jsonb_typeof(item) = 'number'
""")

# --- Posting -------------------------------------------------------------------------------------

# The columns of a new tweet and their types, apart from those that Postgres may fill in.
POSTED = {
    "author_id": "bigint",
    "text": "text",
    "visibility": "varchar",
    "sensitive": "boolean",
    "spoiler": "varchar",
    "language": "varchar",
    "reply_to_id": "bigint",
    "reply_to_author_id": "bigint",
    "quote_of_id": "bigint",
    "has_poll": "boolean",
    "replies_from": "varchar",
    "quotes_from": "varchar",
    "author_state": "varchar",
    "lat": "float8",
    "lon": "float8",
    "cell": "int",
    "place": "varchar",
    "media_count": "int",
}
# The first tweet of a conversation has its own id as `conversation_id`, so the id is drawn first.
# The last column is whether the author has subscribers.
POST = Prepared(f"""
INSERT INTO tweets_tweet (
    id, conversation_id, created_at, likes_count, reposts_count, quotes_count, replies_count,
    {", ".join(POSTED)}
)
WITH drawn AS MATERIALIZED (SELECT coalesce(%(id)s::bigint, chirp_next_id()) AS id)
SELECT id, coalesce(%(conversation_id)s::bigint, id),
    coalesce(%(created_at)s::timestamptz, statement_timestamp()), 0, 0, 0, 0,
    {", ".join(f"%({name})s::{type_}" for name, type_ in POSTED.items())}
FROM drawn RETURNING id, conversation_id, created_at, EXISTS (
    SELECT FROM people_follow f
    WHERE f.followee_id = author_id AND f.notify AND f.since_id IS NOT NULL)
""")  # noqa: S608 - only the names and types above are interpolated

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


# --- Ids of the past -----------------------------------------------------------------------------

# The first id from one on that no tweet has.
FIRST_FREE = """
SELECT coalesce(
    (SELECT t.id + 1 FROM tweets_tweet t
     WHERE t.id >= %(id)s AND EXISTS (SELECT FROM tweets_tweet WHERE id = %(id)s)
        AND NOT EXISTS (SELECT FROM tweets_tweet n WHERE n.id = t.id + 1)
     ORDER BY t.id LIMIT 1),
    %(id)s)
"""

# --- Accounts ------------------------------------------------------------------------------------

# The newest tweet that each of these public accounts wrote or reposted for everybody, replies left
# out. Each of the two subqueries reads one entry of an index.
LATEST_OF_AUTHORS = Prepared("""
SELECT a.id, greatest(
    (SELECT max(id) FROM tweets_tweet WHERE author_id = a.id AND visibility = 'public' AND live
        AND (reply_to_author_id IS NULL OR reply_to_author_id = author_id)),
    (SELECT max(id) FROM tweets_tweet WHERE author_id = a.id AND visibility = 'unlisted' AND live
        AND (reply_to_author_id IS NULL OR reply_to_author_id = author_id)))
FROM accounts_user a WHERE a.id = ANY (%(authors)s::bigint[]) AND NOT a.private
""")

# --- Partitions ----------------------------------------------------------------------------------

# While tweets are one table, the index repost_once refuses a second repost of a tweet by the same
# account. An index cannot do that across partitions, so triggers note reposts in this table. They
# are there before the table is divided. FOR SHARE: a repost that is undone while it is noted waits.
NOTE_REPOSTS = """
CREATE TABLE IF NOT EXISTS tweets_repostonce (
    author_id bigint, repost_of_id bigint,
    CONSTRAINT repost_once_of_all PRIMARY KEY (author_id, repost_of_id)
);
CREATE OR REPLACE FUNCTION tweets_note_repost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.repost_of_id IS NOT NULL AND OLD.deleted_at IS NULL THEN
        DELETE FROM tweets_repostonce
        WHERE author_id = OLD.author_id AND repost_of_id = OLD.repost_of_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.repost_of_id IS NOT NULL AND NEW.deleted_at IS NULL THEN
        INSERT INTO tweets_repostonce VALUES (NEW.author_id, NEW.repost_of_id);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note_new_repost AFTER INSERT ON tweets_tweet
    FOR EACH ROW WHEN (NEW.repost_of_id IS NOT NULL) EXECUTE FUNCTION tweets_note_repost();
CREATE OR REPLACE TRIGGER note_repost AFTER UPDATE OF author_id, repost_of_id, deleted_at
    ON tweets_tweet FOR EACH ROW
    WHEN (OLD.repost_of_id IS NOT NULL OR NEW.repost_of_id IS NOT NULL)
    EXECUTE FUNCTION tweets_note_repost();
CREATE OR REPLACE TRIGGER note_gone_repost AFTER DELETE ON tweets_tweet
    FOR EACH ROW WHEN (OLD.repost_of_id IS NOT NULL) EXECUTE FUNCTION tweets_note_repost();
"""
NOTE_OLDER_REPOSTS = """
WITH batch AS MATERIALIZED (
    SELECT id, author_id, repost_of_id FROM tweets_tweet
    WHERE id > %s AND repost_of_id IS NOT NULL AND deleted_at IS NULL
    ORDER BY id LIMIT %s FOR SHARE
), noted AS (
    INSERT INTO tweets_repostonce SELECT author_id, repost_of_id FROM batch ON CONFLICT DO NOTHING
)
SELECT max(id) FROM batch
"""
