"""The queries for the candidates of a timeline, which the rules then decide on."""

from chirp.db.prepared import Prepared

# The accounts that the viewer follows, and the ids above which their tweets count (rule 6).
_FOLLOWEES = """
SELECT followee_id AS author_id, reposts,
    CASE WHEN %(backfill)s::boolean THEN 0 ELSE since_id END AS since
FROM people_follow f WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
"""
_PUSHED_ONLY = """
AND f.followee_id NOT IN (SELECT author_id FROM timelines_pulledauthor WHERE state = 'pulled')
"""
# No tweet is read of muted authors, of members of an exclusive list, or of accounts that are gone.
# A block ends a follow.
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
# The same for the members of a list. The viewer may follow them or not, or be signed out.
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
# order them: the author, what is shown and its author, and what others did with it. With `tagged`,
# tweets may be there for a hashtag, by any author and of any time.
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
NEWEST = Prepared("""
SELECT a.author_id, t.id FROM unnest(%(authors)s::bigint[]) AS a (author_id)
CROSS JOIN LATERAL (
    SELECT id FROM tweets_tweet WHERE author_id = a.author_id AND deleted_at IS NULL
    ORDER BY id DESC LIMIT %(limit)s::bigint
) t
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
