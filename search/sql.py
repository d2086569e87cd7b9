"""The hand-written SQL of search.

It reads tables of other apps where a join is needed (tests/system/test_sql.py lists them), and
writes to none of them.
"""

from chirp.db.prepared import Prepared

# --- Documents -----------------------------------------------------------------------------------

# One writer after another: the later one reads the tweet, or the account, anew.
_LOCK = """
SELECT pg_advisory_xact_lock('{table}'::regclass::int, hashint8(id))
FROM (SELECT DISTINCT id FROM unnest(%(ids)s::bigint[]) AS t (id) ORDER BY id) t
"""
LOCK_DOCUMENTS = Prepared(_LOCK.format(table="search_document"))
LOCK_PEOPLE = Prepared(_LOCK.format(table="search_name"))
# Reposts have no document: the original is found.
TO_INDEX = Prepared("""
SELECT id, author_id, text, language, visibility, has_poll, media_count > 0 AND NOT media_hidden,
    reply_to_author_id,
    ARRAY(SELECT h.tag FROM tweets_hashtag h WHERE h.tweet_id = t.id),
    ARRAY(SELECT m.user_id FROM tweets_mention m WHERE m.tweet_id = t.id)
FROM tweets_tweet t
WHERE id = ANY (%(ids)s::bigint[]) AND repost_of_id IS NULL AND deleted_at IS NULL
    AND hidden_at IS NULL
""")
STEMS = """
SELECT w.language, w.word, ts_lexize((w.stemmer || '_stem')::regdictionary, w.word)
FROM unnest(%s::text[], %s::text[], %s::text[]) AS w (language, stemmer, word)
"""
WRITE_DOCUMENTS = Prepared("""
INSERT INTO search_document AS d (tweet_id, author_id, language, public, lexemes)
SELECT tweet_id, author_id, language, public, lexemes::tsvector
FROM jsonb_to_recordset(%(documents)s::jsonb)
    AS n (tweet_id bigint, author_id bigint, language text, public boolean, lexemes text)
ON CONFLICT (tweet_id) DO UPDATE
SET language = EXCLUDED.language, public = EXCLUDED.public, lexemes = EXCLUDED.lexemes
WHERE (d.language, d.public, d.lexemes)
    IS DISTINCT FROM (EXCLUDED.language, EXCLUDED.public, EXCLUDED.lexemes)
RETURNING tweet_id
""")

# --- Tweets --------------------------------------------------------------------------------------

# Leaves out most of what the viewer may not find, so that it need not be loaded: the rules are in
# tweets/read/facts.py. It is evaluated for one row after another until there are enough.
_FINDABLE = """
CROSS JOIN LATERAL (
    SELECT FROM accounts_user a
    WHERE a.id = d.author_id AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
        AND (d.public AND NOT a.private AND a.limited_at IS NULL
            OR d.author_id = %(viewer)s::bigint OR d.addressed
            OR EXISTS (SELECT FROM people_follow WHERE follower_id = %(viewer)s::bigint
                AND followee_id = a.id AND since_id IS NOT NULL))
    LIMIT 1
) findable
"""
_COLUMNS = "tweet_id, author_id, public, lexemes @@ %(addressed)s::tsquery AS addressed"
_BETWEEN = "tweet_id > %(low)s::bigint AND tweet_id < %(high)s::bigint"
# Compares the nearest documents one by one. Every row has a tweet that matches, and how many were
# compared between which ids; if none matches, there is one row without a tweet.
_NEAREST = f"""
WITH nearest AS MATERIALIZED (
    SELECT {_COLUMNS}, lexemes @@ %(query)s::tsquery AS matches
    FROM search_document WHERE {_BETWEEN}
    ORDER BY tweet_id {{order}} LIMIT %(compared)s::bigint
)
SELECT n.compared, n.low, n.high, found.tweet_id
FROM (SELECT count(*) AS compared, min(tweet_id) AS low, max(tweet_id) AS high FROM nearest) n
LEFT JOIN LATERAL (
    SELECT d.tweet_id FROM (
        SELECT * FROM nearest WHERE matches ORDER BY tweet_id {{order}}
    ) d {_FINDABLE}
    ORDER BY d.tweet_id {{order}} LIMIT %(limit)s::bigint
) found ON TRUE
ORDER BY found.tweet_id {{order}}
"""  # noqa: S608 - only the expressions above are interpolated
NEAREST_BELOW = Prepared(_NEAREST.format(order="DESC"))
NEAREST_ABOVE = Prepared(_NEAREST.format(order="ASC"))
# Reads the index for all documents of some periods. They are cut and sorted afterwards: the planner
# would rather walk the primary key, past all documents if few match.
_INDEXED = f"""
WITH matching AS MATERIALIZED (
    SELECT {_COLUMNS} FROM search_document WHERE lexemes @@ %(query)s::tsquery
)
SELECT d.tweet_id FROM (
    SELECT * FROM matching WHERE {_BETWEEN} ORDER BY tweet_id {{order}}
) d {_FINDABLE}
ORDER BY d.tweet_id {{order}} LIMIT %(limit)s::bigint
"""  # noqa: S608 - as above
INDEXED_BELOW = Prepared(_INDEXED.format(order="DESC"))
INDEXED_ABOVE = Prepared(_INDEXED.format(order="ASC"))

# --- People --------------------------------------------------------------------------------------

# Whether each of the other words that were typed is the beginning of one of the account's.
_HAS_OTHERS = """
NOT EXISTS (
    SELECT FROM unnest(string_to_array(%(others)s::text, ' ')) AS other (word)
    WHERE NOT EXISTS (SELECT FROM search_name o WHERE o.user_id = n.user_id
        AND o.word >= other.word AND o.word < other.word || %(last)s::text))
"""
_WORD = "n.user_id, n.word, n.is_handle"
_PEOPLE = """
SELECT u.id, w.word, w.is_handle, u.followers_count, EXISTS (
    SELECT FROM people_follow WHERE follower_id = %(viewer)s::bigint
        AND followee_id = u.id AND since_id IS NOT NULL)
FROM (SELECT DISTINCT user_id, word, is_handle FROM found) w CROSS JOIN LATERAL (
    SELECT id, followers_count, limited_at FROM accounts_user
    WHERE id = w.user_id AND deactivated_at IS NULL AND suspended_at IS NULL LIMIT 1) u
WHERE NOT EXISTS (SELECT FROM people_block
    WHERE blocker_id = u.id AND blocked_id = %(viewer)s::bigint)
    AND (u.limited_at IS NULL OR u.id = %(viewer)s::bigint OR EXISTS (SELECT FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND followee_id = u.id AND since_id IS NOT NULL))
"""
# Words that begin alike: of each tier of followers so many, and those of people whom the viewer
# follows, of whom only the latest are looked at.
PEOPLE_BEGINNING = Prepared(
    f"""
WITH followed AS MATERIALIZED (
    SELECT followee_id FROM people_follow
    WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
        AND id > 0 -- the condition of the index follow_following_page
    ORDER BY id DESC LIMIT 1000
), found AS MATERIALIZED (
    SELECT {_WORD} FROM generate_series(0, %(tiers)s::int - 1) AS t (tier) CROSS JOIN LATERAL (
        SELECT * FROM search_name n
        WHERE n.tier = t.tier AND n.word >= %(word)s::text
            AND n.word < %(word)s::text || %(last)s::text AND {_HAS_OTHERS}
        ORDER BY n.word LIMIT %(limit)s::bigint
    ) n
    UNION ALL
    SELECT {_WORD} FROM followed CROSS JOIN LATERAL (
        SELECT * FROM search_name n
        WHERE n.user_id = followed.followee_id AND n.word >= %(word)s::text
            AND n.word < %(word)s::text || %(last)s::text AND {_HAS_OTHERS}
        LIMIT 5
    ) n
)
{_PEOPLE}"""  # noqa: S608 - as above
)
PEOPLE_NEAR = Prepared(
    f"""
WITH found AS MATERIALIZED (
    SELECT {_WORD} FROM search_name n
    WHERE n.near && string_to_array(%(near)s::text, ' ') AND {_HAS_OTHERS}
    LIMIT %(limit)s::bigint
)
{_PEOPLE}"""  # noqa: S608 - as above
)
REFRESH_TIERS = """
UPDATE search_name n SET tier = t.tier
FROM (SELECT id, least(length(followers_count::text), %(tiers)s) - 1 AS tier
    FROM accounts_user) t
WHERE n.user_id = t.id AND n.tier <> t.tier
"""

# --- Hashtags ------------------------------------------------------------------------------------

_FROM_OPEN_TAGS = """
FROM tweets_hashtag h JOIN tweets_tweet t ON t.id = h.tweet_id
JOIN accounts_user a ON a.id = t.author_id
WHERE t.visibility = 'public' AND t.deleted_at IS NULL AND t.hidden_at IS NULL
    AND NOT a.private AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
    AND a.limited_at IS NULL
"""
# How many accounts used each hashtag in public: within the last day, on an average day before, and
# in all these days.
TAG_USE = f"""
WITH used AS (
    SELECT DISTINCT h.tag, t.author_id, (%(now)s - h.tweet_id) / %(day)s AS day {_FROM_OPEN_TAGS}
        AND h.tweet_id > %(now)s - %(day)s::bigint * (%(days)s + 1)
)
SELECT tag, count(*) FILTER (WHERE day <= 0),
    count(*) FILTER (WHERE day > 0) / %(days)s::float8, count(DISTINCT author_id)
FROM used GROUP BY tag
"""  # noqa: S608 - only the expression above is interpolated
REMEMBER_TAGS = f"""
INSERT INTO search_tag (tag, authors, tier, trend, blocked)
SELECT DISTINCT h.tag, 0, 0, 0, FALSE {_FROM_OPEN_TAGS} ON CONFLICT DO NOTHING
"""
LOCK_TAGS = "SELECT pg_advisory_xact_lock('search_tag'::regclass::int, 0)"
# A hashtag that nobody used lately is found as long as somebody can see a tweet with it.
TAGS_BEGINNING = Prepared(
    f"""
SELECT n.tag, n.authors
FROM generate_series(0, %(tiers)s::int - 1) AS r (tier) CROSS JOIN LATERAL (
    SELECT tag, authors FROM search_tag n
    WHERE n.tier = r.tier AND n.tag >= %(tag)s::text AND n.tag < %(tag)s::text || %(last)s::text
    ORDER BY n.tag LIMIT %(limit)s::bigint
) n
WHERE n.authors > 0 OR EXISTS (SELECT {_FROM_OPEN_TAGS} AND h.tag = n.tag)
"""  # noqa: S608 - as above
)

# --- Tweets that trend ---------------------------------------------------------------------------

# With how many people's weight something was done with each public tweet: lately, and in a part of
# the day before that is as long. Each person counts once for an author, in equal parts for all of
# the author's tweets with which they did something; accounts that are younger than a day do not.
TWEET_USE = """
WITH done AS (
    SELECT tweet_id, user_id, created_at FROM (
        SELECT tweet_id, user_id, created_at FROM tweets_like ORDER BY id DESC LIMIT %(scan)s
    ) l WHERE created_at > now() - interval '1 day'
    UNION ALL
    SELECT unnest(ARRAY[repost_of_id, reply_to_id, quote_of_id]), author_id, created_at
    FROM tweets_tweet WHERE id > %(now)s - %(day)s AND live AND visibility = 'public'
), actors AS (
    SELECT d.tweet_id, t.author_id, d.user_id,
        min(d.created_at) <= now() - interval '1 day' * (%(lately)s::float8 / %(day)s) AS before
    FROM done d JOIN tweets_tweet t ON t.id = d.tweet_id
    JOIN accounts_user a ON a.id = t.author_id
    JOIN accounts_user p ON p.id = d.user_id
    WHERE t.id > %(now)s - %(day)s * %(days)s AND t.visibility = 'public' AND t.live
        AND NOT a.private AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
        AND p.id <> a.id AND p.deactivated_at IS NULL AND p.suspended_at IS NULL
        AND p.created_at < now() - interval '1 day'
    GROUP BY 1, 2, 3
), weighed AS (
    SELECT *, 1.0::float8 / count(*) OVER (PARTITION BY user_id, author_id) AS weight FROM actors
)
SELECT tweet_id, author_id, coalesce(sum(weight) FILTER (WHERE NOT before), 0),
    coalesce(sum(weight) FILTER (WHERE before), 0) / (%(day)s::float8 / %(lately)s - 1)
FROM weighed GROUP BY 1, 2
"""
LOCK_TRENDING = "SELECT pg_advisory_xact_lock('search_trendingtweet'::regclass::int, 0)"
