"""The hand-written SQL of timelines.

It reads tables of other apps (tests/system/test_sql.py lists them), and writes to none of them.
"""

from accounts.selectors import person_query
from chirp.db.prepared import Prepared
from filters.sql import active

# --- Fan-out -------------------------------------------------------------------------------------

# The same snapshot shows the tweet and whether its author is pulled: see docs/timelines.md for why
# this matters.
NOT_DELETED = Prepared("""
SELECT t.id, t.author_id, t.visibility = 'direct', a.followers_count, EXISTS (
    SELECT FROM timelines_pulledauthor p WHERE p.author_id = t.author_id AND p.state = 'pulled')
FROM tweets_tweet t JOIN accounts_user a ON a.id = t.author_id
WHERE t.id = ANY (%(ids)s::bigint[]) AND t.deleted_at IS NULL ORDER BY t.id
""")
MENTIONED = Prepared("""
SELECT user_id, tweet_id FROM tweets_mention WHERE tweet_id = ANY (%(ids)s::bigint[])
""")
FOLLOWERS = Prepared("""
SELECT follower_id, followee_id FROM people_follow
WHERE followee_id = ANY (%(authors)s::bigint[]) AND since_id IS NOT NULL
""")
IN_RANGE = Prepared("""
SELECT follower_id FROM people_follow
WHERE followee_id = %(author)s::bigint AND since_id IS NOT NULL
    AND follower_id > %(after)s::bigint AND follower_id <= %(up_to)s::bigint
ORDER BY follower_id LIMIT %(limit)s::bigint
""")
# The last follower ids of at most `most` ranges of `size` followers. Each step goes on in the index
# from the end of the range before, so no follower after the last end is read, and none twice.
RANGE_ENDS = Prepared("""
WITH RECURSIVE ends AS (
    SELECT 0 AS number, 0::bigint AS follower_id
    UNION ALL
    SELECT number + 1, (
        SELECT f.follower_id FROM people_follow f
        WHERE f.followee_id = %(author)s::bigint AND f.since_id IS NOT NULL
            AND f.follower_id > ends.follower_id
        ORDER BY f.follower_id OFFSET %(size)s::bigint - 1 LIMIT 1
    )
    FROM ends WHERE number < %(most)s::bigint AND follower_id IS NOT NULL
)
SELECT follower_id FROM ends WHERE number > 0 AND follower_id IS NOT NULL ORDER BY follower_id
""")

# --- Candidates ----------------------------------------------------------------------------------

# The accounts that the viewer follows, and the ids above which their tweets count (rule 6).
_FOLLOWEES = """
SELECT followee_id AS author_id, reposts,
    CASE WHEN %(backfill)s::boolean THEN 0 ELSE since_id END AS since
FROM people_follow f WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
"""
_PUSHED_ONLY = """
AND f.followee_id NOT IN (SELECT author_id FROM timelines_pulledauthor WHERE state = 'pulled')
"""
# Of authors whom the viewer mutes or reads only in an exclusive list, or who are gone, no tweet is
# read. A block ends a follow.
_WELCOME_ONLY = """
AND f.followee_id NOT IN (SELECT unnest(%(exclusive)s::bigint[]))
AND NOT EXISTS (SELECT FROM people_mute m
    WHERE m.muter_id = f.follower_id AND m.muted_id = f.followee_id)
AND NOT EXISTS (SELECT FROM accounts_user a WHERE a.id = f.followee_id
    AND (a.deactivated_at IS NOT NULL OR a.suspended_at IS NOT NULL))
"""
_SELF = "UNION ALL SELECT %(viewer)s::bigint, TRUE, 0"
# Rule 5 for a tweet `{t}`.
_REPLY_FITS = """
({t}.reply_to_author_id IS NULL
    OR {t}.reply_to_author_id IN ({t}.author_id, %(viewer)s::bigint)
    OR {t}.author_id = %(viewer)s::bigint
    OR (SELECT TRUE FROM people_follow r WHERE r.follower_id = %(viewer)s::bigint
        AND r.followee_id = {t}.reply_to_author_id AND r.since_id IS NOT NULL LIMIT 1))
"""
# Whether a tweet `t` may be in the timeline, whose author the viewer reads, with `reposts` or not.
# It is false only if a rule forbids the tweet. What costs more to look up is left to the read.
_MAY_FIT = f"""
t.hidden_at IS NULL
AND {_REPLY_FITS.format(t="t")}
AND (t.visibility <> 'direct' OR t.author_id = %(viewer)s::bigint
    OR (SELECT TRUE FROM tweets_mention m
        WHERE m.tweet_id = t.id AND m.user_id = %(viewer)s::bigint LIMIT 1))
AND (t.repost_of_id IS NULL
    OR (reposts AND NOT %(no_reposts)s::boolean OR t.author_id = %(viewer)s::bigint) AND (
    SELECT TRUE FROM tweets_tweet o JOIN accounts_user a ON a.id = o.author_id
    WHERE o.id = t.repost_of_id AND o.deleted_at IS NULL AND o.hidden_at IS NULL
    AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
    AND NOT EXISTS (SELECT FROM people_mute m
        WHERE m.muter_id = %(viewer)s::bigint AND m.muted_id = a.id)
    AND NOT EXISTS (SELECT FROM people_block b
        WHERE b.blocker_id = %(viewer)s::bigint AND b.blocked_id = a.id)
    AND NOT EXISTS (SELECT FROM people_block b
        WHERE b.blocker_id = a.id AND b.blocked_id = %(viewer)s::bigint) LIMIT 1))
"""  # noqa: S608 - only the condition above is interpolated
# The candidates next to a position, in one direction: down (`<`, newest first) or up. The result is
# one row: the id down to which (or up to which) everything was examined, and the ids.
#
# A viewer with many followees is first given the tweets of everybody, one after another, as many
# as they follow people (`walked`). Where that does not give enough, each followee is asked for a
# few tweets (`few`), which gives a bound for the result, and only those who may have more within
# it for more of them (after the threshold algorithm of Fagin, Lotem and Naor, 2001).
_WALKED = """
step AS MATERIALIZED (
    SELECT CASE WHEN following_count >= %(many)s::bigint THEN following_count ELSE 0 END AS most
    FROM accounts_user WHERE id = %(viewer)s::bigint
), walk AS MATERIALIZED (
    SELECT coalesce((SELECT id FROM tweets_tweet WHERE id {beyond} %(position)s::bigint
        ORDER BY id {order} OFFSET (SELECT most FROM step) LIMIT 1), {end}) AS last
), walked AS MATERIALIZED (
    SELECT t.id FROM tweets_tweet t {found}
        AND (SELECT most FROM step) > 0 AND t.deleted_at IS NULL
        AND t.id {beyond} %(position)s::bigint AND t.id {before} (SELECT last FROM walk)
        AND {may_fit}
    ORDER BY t.id {order} LIMIT %(limit)s::bigint
), start AS MATERIALIZED (
    SELECT CASE WHEN most > 0 THEN last {back} ELSE %(position)s::bigint END AS id FROM step, walk
)"""
# How a walk finds out whether the viewer follows an author. A page ends after some hundred tweets,
# so each author is looked up. A build walks through thousands: it reads all followees first. IN
# within CASE becomes a hash table, and not a join. A build is about all tweets of a followee.
_EACH_LOOKED_UP = """CROSS JOIN LATERAL (
        SELECT * FROM ({followees}) f WHERE f.author_id = t.author_id LIMIT 1
    ) f
    WHERE t.id > f.since"""
_ALL_READ_FIRST = """
    WHERE CASE WHEN t.author_id IN (SELECT author_id FROM ({followees}) f) THEN TRUE END"""
_NOT_WALKED = """
walked AS MATERIALIZED (SELECT 0::bigint AS id WHERE FALSE),
start AS MATERIALIZED (SELECT %(position)s::bigint AS id)"""
_CANDIDATES = """
WITH {walked}, f AS MATERIALIZED (
    SELECT * FROM ({followees}) f WHERE (SELECT count(*) FROM walked) < %(limit)s::bigint
        AND (SELECT id FROM start) {before} {end} {back}
), few AS MATERIALIZED (
    SELECT {of_source}, {of_tweet} FROM f CROSS JOIN LATERAL (
        SELECT {of_tweet} FROM {tweets}
            AND t.id {beyond} (SELECT id FROM start)
        ORDER BY t.id {order} LIMIT (SELECT {each} FROM f)
    ) t
), fitting AS MATERIALIZED (
    SELECT id FROM (SELECT * FROM few ORDER BY id {order} OFFSET 0) t
    WHERE {may_fit} LIMIT %(limit)s::bigint
), bound AS MATERIALIZED (
    SELECT CASE WHEN count(*) = %(limit)s::bigint THEN {last}(id) ELSE {end} END AS id FROM fitting
), deeper AS MATERIALIZED (
    SELECT {of_source}, {last}(id) AS id FROM few f
    GROUP BY {of_source} HAVING count(*) = (SELECT {each} FROM f)
        AND {last}(id) {before} (SELECT id FROM bound)
), more AS MATERIALIZED (
    SELECT {of_source}, {of_tweet} FROM deeper f CROSS JOIN LATERAL (
        SELECT {of_tweet} FROM {tweets}
            AND t.id {beyond} f.id AND t.id {before} (SELECT id FROM bound)
        ORDER BY t.id {order} LIMIT (SELECT {share} FROM deeper)
    ) t
), reached AS MATERIALIZED (
    SELECT coalesce({first}(id), {end}) AS id FROM (
        SELECT {last}(id) AS id FROM more
        GROUP BY {source} HAVING count(*) = (SELECT {share} FROM deeper)
    ) cut
)
SELECT reached.id, ARRAY(
    SELECT id FROM walked
    UNION ALL SELECT id FROM fitting WHERE id {before}= reached.id
    UNION ALL SELECT id FROM (
        SELECT id FROM (
            SELECT * FROM more WHERE id {before}= reached.id ORDER BY id {order} OFFSET 0
        ) t WHERE {may_fit} LIMIT %(limit)s::bigint
    ) further
    ORDER BY id {order} LIMIT %(limit)s::bigint)
FROM reached
"""
_DOWN = {
    "beyond": "<",
    "before": ">",
    "order": "DESC",
    "first": "max",
    "last": "min",
    "end": "0::bigint",
    "back": "+ 1",
}
_UP = {
    "beyond": ">",
    "before": "<",
    "order": "ASC",
    "first": "min",
    "last": "max",
    "end": "%(top)s::bigint",
    "back": "- 1",
}
_EACH = """least(%(limit)s::bigint, greatest(%(least)s::bigint,
    %(factor)s::bigint * %(limit)s::bigint / greatest(count(*), 1)))"""
# How many more tweets of an author are examined: all together at most `scan`, or for a build, where
# every tweet counts, as many as are wanted.
_SHARE = "greatest(%(least)s::bigint, %(scan)s::bigint / greatest(count(*), 1))"
_WHOLE_SHARE = "max(%(limit)s::bigint)"


_BY_FOLLOWEES = {
    "walked": _WALKED,
    "source": "author_id",
    "of_source": "f.author_id, f.since, f.reposts",
    "of_tweet": "t.id, t.visibility, t.hidden_at, t.reply_to_author_id, t.repost_of_id",
    "tweets": """tweets_tweet t
        WHERE t.author_id = f.author_id AND t.deleted_at IS NULL AND t.id > f.since""",
}


def _candidates(direction: dict[str, str], followees: str, **parts: str) -> Prepared:
    values = {"share": _SHARE, "each": _EACH, "followees": followees, **direction, **_BY_FOLLOWEES}
    values |= {"may_fit": f"({_MAY_FIT})", "found": _EACH_LOOKED_UP, **parts}
    values["found"] = values["found"].format(followees=followees)
    return Prepared(_CANDIDATES.format(**values | {"walked": values["walked"].format(**values)}))


# A build holds what any rule may let in later, and needs only the index. A read leaves out what it
# would not show.
BUILD = _candidates(
    _DOWN,
    _FOLLOWEES + _PUSHED_ONLY,
    of_source="f.author_id, f.since",
    of_tweet="t.id",
    may_fit="TRUE",
    share=_WHOLE_SHARE,
    found=_ALL_READ_FIRST,
)
BELOW = _candidates(_DOWN, _FOLLOWEES + _WELCOME_ONLY)
ABOVE = _candidates(_UP, _FOLLOWEES + _WELCOME_ONLY + _SELF)
# The same for the public tweets that carry a followed hashtag: a source is a hashtag.
_AUTHOR_FITS = """
(SELECT NOT a.private AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
    FROM accounts_user a WHERE a.id = t.author_id LIMIT 1)
AND (SELECT TRUE FROM people_mute m
    WHERE m.muter_id = %(viewer)s::bigint AND m.muted_id = t.author_id LIMIT 1) IS NULL
AND (SELECT TRUE FROM people_block b
    WHERE b.blocker_id = %(viewer)s::bigint AND b.blocked_id = t.author_id LIMIT 1) IS NULL
AND (SELECT TRUE FROM people_block b
    WHERE b.blocker_id = t.author_id AND b.blocked_id = %(viewer)s::bigint LIMIT 1) IS NULL
"""
_BY_TAGS = {
    "walked": _NOT_WALKED,
    "source": "tag",
    "of_source": "f.tag",
    "of_tweet": "t.id, t.author_id",
    "tweets": """(
            SELECT tweet_id AS id, author_id FROM tweets_hashtag WHERE tag = f.tag AND listed
        ) t WHERE TRUE""",
    "may_fit": f"""({_AUTHOR_FITS}
        AND (SELECT {_REPLY_FITS.format(t="o")} FROM tweets_tweet o WHERE o.id = t.id LIMIT 1))""",  # noqa: S608 - only the conditions above are interpolated
}
_TAGS = "SELECT unnest(%(tags)s::text[]) AS tag"
TAGGED_BELOW, TAGGED_ABOVE = (_candidates(way, _TAGS, **_BY_TAGS) for way in (_DOWN, _UP))
# The same for the members of a list, for a viewer who may follow them or not, or is nobody.
_MEMBERS = """
SELECT m.user_id AS author_id, coalesce(x.reposts, TRUE) AS reposts, 0::bigint AS since,
    a.private,
    x.reposts IS NOT NULL OR m.user_id IS NOT DISTINCT FROM %(viewer)s::bigint AS followed
FROM lists_listmember m JOIN lists_peoplelist l ON l.id = m.list_id
CROSS JOIN LATERAL (
    SELECT private FROM accounts_user
    WHERE id = m.user_id AND deactivated_at IS NULL AND suspended_at IS NULL LIMIT 1
) a
LEFT JOIN LATERAL (
    SELECT reposts FROM people_follow WHERE follower_id = %(viewer)s::bigint
        AND followee_id = m.user_id AND since_id IS NOT NULL LIMIT 1
) x ON TRUE
WHERE m.list_id = %(list)s::bigint
AND NOT EXISTS (SELECT FROM people_mute
    WHERE muter_id = %(viewer)s::bigint AND muted_id = m.user_id OFFSET 0)
AND NOT EXISTS (SELECT FROM people_block
    WHERE blocker_id IN (l.owner_id, %(viewer)s::bigint) AND blocked_id = m.user_id OFFSET 0)
AND NOT EXISTS (SELECT FROM people_block
    WHERE blocker_id = m.user_id AND blocked_id IN (l.owner_id, %(viewer)s::bigint) OFFSET 0)
"""
_LISTED_FITS = f"""({_MAY_FIT}
AND (followed OR (t.visibility IN ('public', 'unlisted') AND NOT private)
    OR t.reply_to_author_id = %(viewer)s::bigint
    OR (SELECT TRUE FROM tweets_mention m
        WHERE m.tweet_id = t.id AND m.user_id = %(viewer)s::bigint LIMIT 1)))"""  # noqa: S608
_LISTED_SOURCE = "f.author_id, f.since, f.reposts, f.followed, f.private"
LISTED_BELOW, LISTED_ABOVE = (
    _candidates(way, _MEMBERS, walked=_NOT_WALKED, of_source=_LISTED_SOURCE, may_fit=_LISTED_FITS)
    for way in (_DOWN, _UP)
)
_SOME = """
t AS MATERIALIZED (
    SELECT id, author_id, visibility, hidden_at, reply_to_author_id, repost_of_id
    FROM tweets_tweet WHERE id = ANY ({ids}) AND deleted_at IS NULL
), f AS MATERIALIZED (
    SELECT f.* FROM (SELECT DISTINCT author_id FROM t) author CROSS JOIN LATERAL (
        SELECT * FROM ({followees}) f
        WHERE f.author_id = author.author_id LIMIT 1
    ) f
)"""
_FOLLOWED = _FOLLOWEES + _WELCOME_ONLY
# The newest of some ids that may be in the timeline. They are read in order, and only until there
# are enough.
SIEVE = Prepared(f"""
SELECT t.id FROM (
    SELECT id, author_id, visibility, hidden_at, reply_to_author_id, repost_of_id
    FROM tweets_tweet WHERE id = ANY (%(ids)s::bigint[]) AND deleted_at IS NULL
    ORDER BY id DESC OFFSET 0
) t CROSS JOIN LATERAL (
    SELECT * FROM ({_FOLLOWED}) f WHERE f.author_id = t.author_id LIMIT 1
) f
WHERE t.id > f.since AND {_MAY_FIT} ORDER BY t.id DESC LIMIT %(limit)s::bigint
""")  # noqa: S608 - only the conditions above are interpolated
# What the ranked home needs to know of such tweets, and of the viewer's own within a range, to
# order them: the author, what is shown and by whom, and what others did with it. With `tagged`,
# tweets may be there for a hashtag, whoever wrote them and when.
_IDS_AND_OWN = """%(ids)s::bigint[] || ARRAY(
        SELECT id FROM tweets_tweet WHERE author_id = %(viewer)s::bigint AND deleted_at IS NULL
            AND id > %(above)s::bigint AND id < %(below)s::bigint
        ORDER BY id DESC LIMIT %(limit)s::bigint)"""
WEIGHED = Prepared(f"""
WITH {_SOME.format(ids=_IDS_AND_OWN, followees=_FOLLOWED)}, o AS MATERIALIZED (
    SELECT id, author_id, likes_count, reposts_count, quotes_count, replies_count
    FROM tweets_tweet WHERE id = ANY (ARRAY(SELECT coalesce(repost_of_id, id) FROM t))
), liked AS MATERIALIZED (
    SELECT tweet_id AS id FROM tweets_like
    WHERE user_id = %(viewer)s::bigint AND tweet_id = ANY (ARRAY(SELECT id FROM o))
), reposted AS MATERIALIZED (
    SELECT repost_of_id AS id FROM tweets_tweet WHERE author_id = %(viewer)s::bigint
        AND repost_of_id = ANY (ARRAY(SELECT id FROM o)) AND deleted_at IS NULL
)
SELECT t.id, t.author_id, o.id, o.author_id,
    o.likes_count + o.reposts_count + o.quotes_count + o.replies_count
    - (o.id IN (SELECT id FROM liked))::int - (o.id IN (SELECT id FROM reposted))::int
FROM t LEFT JOIN f USING (author_id)
JOIN o ON o.id = coalesce(t.repost_of_id, t.id)
WHERE t.author_id = %(viewer)s::bigint OR CASE WHEN f.since IS NULL THEN %(tagged)s::boolean
    ELSE (%(tagged)s::boolean OR t.id > f.since) AND {_MAY_FIT} END
ORDER BY t.id DESC
""")  # noqa: S608 - only the conditions above are interpolated
# One index probe for each pulled author, of which there are few. So the cost does not depend on how
# many accounts the viewer follows. See tweets/sql/facts.py for the reason for LIMIT 1.
_PULLED = """
SELECT p.author_id FROM timelines_pulledauthor p CROSS JOIN LATERAL (
    SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s::bigint
        AND f.followee_id = p.author_id AND f.since_id IS NOT NULL LIMIT 1
) f
WHERE (SELECT TRUE FROM people_mute m
        WHERE m.muter_id = %(viewer)s::bigint AND m.muted_id = p.author_id LIMIT 1) IS NULL
    AND (SELECT TRUE FROM accounts_user a WHERE a.id = p.author_id
        AND (a.deactivated_at IS NOT NULL OR a.suspended_at IS NOT NULL) LIMIT 1) IS NULL
"""
PULLED_FOLLOWEES = Prepared(_PULLED)
# Whether there is anything to load with CHOICES. It costs a third of loading it.
_CHOOSES = """EXISTS (
    SELECT FROM lists_hashtagfollow WHERE user_id = %(viewer)s::bigint
    UNION ALL SELECT FROM lists_peoplelist WHERE owner_id = %(viewer)s::bigint AND exclusive
    UNION ALL SELECT FROM filters_filter WHERE owner_id = %(viewer)s::bigint)"""
_READER = (f"ARRAY({_PULLED})", "reposts_hidden_until", _CHOOSES)
READER = person_query(*_READER)
READING = Prepared(
    f"SELECT {', '.join(_READER)} FROM accounts_user WHERE id = %(viewer)s::bigint"  # noqa: S608
)
# The hashtags that the viewer follows, the members of their exclusive lists, and their filters.
_CHOICES = f"""
SELECT ARRAY(SELECT tag FROM lists_hashtagfollow WHERE user_id = %(viewer)s::bigint),
    ARRAY(SELECT m.user_id FROM lists_peoplelist l JOIN lists_listmember m ON m.list_id = l.id
        WHERE l.owner_id = %(viewer)s::bigint AND l.exclusive),
    ARRAY(SELECT json_build_array(id, title, action, texts, whole_words, contexts, expires)
        FROM ({active("'home'")}) active)
"""  # noqa: S608 - only a constant is interpolated
CHOICES = Prepared(_CHOICES)

# --- Many readers at once ------------------------------------------------------------------------

_FOR_EACH = "unnest(%(viewers)s::bigint[]) AS viewer (id)"
# What decides on a tweet's readers.
AUDIENCE = Prepared("""
SELECT t.author_id, t.visibility, t.text, t.reposts_count, a.followers_count,
    coalesce(t.repost_of_id, 0)
FROM tweets_tweet t JOIN accounts_user a ON a.id = t.author_id WHERE t.id = %(id)s::bigint
""")
# Those of the viewers who follow an author, and those who follow one of these hashtags. Each is a
# probe of an index: see tweets/sql/facts.py for the reason for LIMIT 1.
FOLLOWING = Prepared(f"""
SELECT viewer.id FROM {_FOR_EACH} CROSS JOIN LATERAL (
    SELECT FROM people_follow f WHERE f.follower_id = viewer.id
        AND f.followee_id = %(author)s::bigint AND f.since_id IS NOT NULL LIMIT 1) f
""")  # noqa: S608 - only a constant is interpolated
FOLLOWING_TAGS = Prepared(f"""
SELECT viewer.id FROM {_FOR_EACH} CROSS JOIN LATERAL (
    SELECT FROM lists_hashtagfollow h WHERE h.user_id = viewer.id
        AND h.tag = ANY (%(tags)s::varchar[]) LIMIT 1) h
""")  # noqa: S608 - as above
# Those of the viewers who follow one of the latest reposters of a tweet.
FOLLOWING_REPOSTERS = Prepared(f"""
SELECT DISTINCT viewer.id FROM (
    SELECT author_id FROM tweets_tweet WHERE repost_of_id = %(id)s::bigint
    ORDER BY id DESC LIMIT %(most)s::bigint
) r CROSS JOIN {_FOR_EACH} CROSS JOIN LATERAL (
    SELECT FROM people_follow f WHERE f.follower_id = viewer.id
        AND f.followee_id = r.author_id AND f.since_id IS NOT NULL LIMIT 1) f
""")  # noqa: S608 - as above
# READING and CHOICES for many viewers at once; suspended and deactivated accounts read nothing.
READERS = Prepared(f"""
SELECT viewer.id, a.reposts_hidden_until, {_CHOOSES.replace("%(viewer)s::bigint", "viewer.id")}
FROM {_FOR_EACH} JOIN accounts_user a ON a.id = viewer.id
    AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
""")  # noqa: S608 - as above
CHOICES_FOR = Prepared(f"""
SELECT viewer.id, found.* FROM {_FOR_EACH} CROSS JOIN LATERAL (
    {_CHOICES.replace("%(viewer)s::bigint", "viewer.id")}) found
""")  # noqa: S608 - as above
NEWEST = Prepared("""
SELECT a.author_id, t.id FROM unnest(%(authors)s::bigint[]) AS a (author_id)
CROSS JOIN LATERAL (
    SELECT id FROM tweets_tweet WHERE author_id = a.author_id AND deleted_at IS NULL
    ORDER BY id DESC LIMIT %(limit)s::bigint
) t
""")

# How often the viewer liked, answered or reposted each author: among the newest tweets that they
# liked, which an index gives, and their own newest.
MARKS = Prepared("""
SELECT author_id, count(*) FROM (
    SELECT t.author_id FROM (
        SELECT tweet_id FROM tweets_like WHERE user_id = %(viewer)s::bigint
        ORDER BY tweet_id DESC LIMIT %(limit)s::bigint
    ) l JOIN tweets_tweet t ON t.id = l.tweet_id
    UNION ALL
    SELECT coalesce(o.author_id, m.reply_to_author_id) FROM (
        SELECT repost_of_id, reply_to_author_id FROM tweets_tweet
        WHERE author_id = %(viewer)s::bigint AND deleted_at IS NULL
        ORDER BY id DESC LIMIT %(limit)s::bigint
    ) m LEFT JOIN tweets_tweet o ON o.id = m.repost_of_id
) marked
WHERE author_id <> %(viewer)s::bigint GROUP BY author_id
""")
# The newest reposts of a tweet by the viewer and by accounts that they follow, among the newest of
# all: a popular tweet has any number of them.
REPOSTS_SEEN = Prepared("""
SELECT r.id FROM (
    SELECT id, author_id FROM tweets_tweet WHERE repost_of_id = %(of)s::bigint AND live
    ORDER BY id DESC LIMIT %(scan)s::bigint
) r
WHERE r.author_id = %(viewer)s::bigint OR (SELECT TRUE FROM people_follow f
    WHERE f.follower_id = %(viewer)s::bigint AND f.followee_id = r.author_id
        AND f.since_id IS NOT NULL LIMIT 1)
ORDER BY r.id DESC LIMIT %(limit)s::bigint
""")

# --- The oracle ----------------------------------------------------------------------------------


def _in_audience(tweet: str, author: str) -> str:
    """Return the condition that the viewer is in the audience of a tweet (rule 3)."""
    return f"""(
    {tweet}.author_id = %(viewer)s
    OR ({tweet}.visibility IN ('public', 'unlisted') AND NOT {author}.private)
    OR ({tweet}.visibility <> 'direct' AND EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = {tweet}.author_id AND f.since_id IS NOT NULL))
    OR ({tweet}.visibility <> 'direct' AND {tweet}.reply_to_author_id = %(viewer)s)
    OR EXISTS (
        SELECT FROM tweets_mention m WHERE m.tweet_id = {tweet}.id AND m.user_id = %(viewer)s))
"""  # noqa: S608 - only names are interpolated


_IN_HOME = """(
    t.author_id = %(viewer)s
    -- 1: an account that the viewer follows, in no exclusive list
    OR (follow.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM lists_listmember m JOIN lists_peoplelist l ON l.id = m.list_id
            WHERE l.owner_id = %(viewer)s AND l.exclusive AND m.user_id = t.author_id)
        -- 6: newer than the follow, if backfill is off
        AND (%(backfill)s OR t.id > follow.since_id))
    -- 1: a public tweet with a followed hashtag
    OR (t.visibility = 'public' AND NOT author.private
        AND (author.limited_at IS NULL OR follow.id IS NOT NULL) AND EXISTS (
        SELECT FROM tweets_hashtag h JOIN lists_hashtagfollow w ON w.tag = h.tag
        WHERE h.tweet_id = t.id AND w.user_id = %(viewer)s)))
"""
# A timeline (rules 1 to 6, without filters) as one query, written to be simple, not fast.
_TIMELINE = """
SELECT t.id, coalesce(t.repost_of_id, t.id)
FROM tweets_tweet t
JOIN accounts_user author ON author.id = t.author_id
LEFT JOIN people_follow follow ON follow.follower_id = %(viewer)s
    AND follow.followee_id = t.author_id AND follow.since_id IS NOT NULL
LEFT JOIN tweets_tweet original ON original.id = t.repost_of_id
LEFT JOIN accounts_user first ON first.id = original.author_id
WHERE {belongs}
-- 2: neither the tweet nor its original is deleted or hidden, and both authors are active
AND t.deleted_at IS NULL AND t.hidden_at IS NULL
AND author.deactivated_at IS NULL AND author.suspended_at IS NULL
AND (t.repost_of_id IS NULL OR (
    original.deleted_at IS NULL AND original.hidden_at IS NULL
    AND first.deactivated_at IS NULL AND first.suspended_at IS NULL))
-- 3: the viewer is in the audience of both
AND {sees}
AND (t.repost_of_id IS NULL OR {sees_original})
-- 4: no block between the viewer and either author, no mute, no hidden reposts
AND NOT EXISTS (SELECT FROM people_block b
    WHERE (b.blocker_id = %(viewer)s AND b.blocked_id IN (t.author_id, original.author_id))
    OR (b.blocked_id = %(viewer)s AND b.blocker_id IN (t.author_id, original.author_id)))
AND NOT EXISTS (SELECT FROM people_mute m
    WHERE m.muter_id = %(viewer)s AND m.muted_id IN (t.author_id, original.author_id))
AND (t.repost_of_id IS NULL OR t.author_id = %(viewer)s OR (follow.reposts IS NOT FALSE
    AND NOT EXISTS (SELECT FROM accounts_user
        WHERE id = %(viewer)s AND reposts_hidden_until > %(now)s)))
-- 5: replies to other accounts
AND (t.reply_to_author_id IS NULL OR t.reply_to_author_id IN (t.author_id, %(viewer)s)
    OR t.author_id = %(viewer)s OR EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = t.reply_to_author_id AND f.since_id IS NOT NULL))
ORDER BY t.id DESC
"""


def _oracle(belongs: str) -> str:
    sees, sees_original = _in_audience("t", "author"), _in_audience("original", "first")
    return _TIMELINE.format(belongs=belongs, sees=sees, sees_original=sees_original)


ORACLE = _oracle(_IN_HOME)
# The timeline of a list: people on it with whom its owner has no block.
ORACLE_OF_LIST = _oracle("""EXISTS (
    SELECT FROM lists_listmember m JOIN lists_peoplelist l ON l.id = m.list_id
    WHERE l.id = %(list)s AND m.user_id = t.author_id AND NOT EXISTS (
        SELECT FROM people_block b WHERE (b.blocker_id = l.owner_id AND b.blocked_id = m.user_id)
        OR (b.blocker_id = m.user_id AND b.blocked_id = l.owner_id)))
""")

# The texts that filters look at, one row for each, of the entries that the viewer neither wrote
# nor reposted, nor are by the viewer: those of what an entry shows, and of what that quotes.
ORACLE_TEXTS = f"""
WITH entry AS (
    SELECT t.id AS entry, o.* FROM tweets_tweet t
    JOIN tweets_tweet o ON o.id = coalesce(t.repost_of_id, t.id)
    WHERE t.id = ANY (%(ids)s) AND t.author_id <> %(viewer)s AND o.author_id <> %(viewer)s
), shown AS (
    SELECT * FROM entry
    UNION ALL
    SELECT entry.entry, q.* FROM entry
    JOIN tweets_tweet q ON q.id = entry.quote_of_id JOIN accounts_user a ON a.id = q.author_id
    WHERE NOT entry.quote_detached AND q.deleted_at IS NULL AND q.hidden_at IS NULL
    AND a.deactivated_at IS NULL AND a.suspended_at IS NULL AND {_in_audience("q", "a")}
    AND NOT EXISTS (SELECT FROM people_block b
        WHERE (b.blocker_id = %(viewer)s AND b.blocked_id = q.author_id)
        OR (b.blocked_id = %(viewer)s AND b.blocker_id = q.author_id))
    AND NOT EXISTS (SELECT FROM people_mute m
        WHERE m.muter_id = %(viewer)s AND m.muted_id = q.author_id)
)
SELECT entry, text FROM shown
UNION ALL SELECT entry, spoiler FROM shown
UNION ALL SELECT entry, m.alt FROM shown JOIN media_media m ON m.tweet_id = shown.id
UNION ALL SELECT entry, unnest(p.choices) FROM shown JOIN tweets_poll p ON p.tweet_id = shown.id
"""  # noqa: S608 - only the condition above is interpolated
