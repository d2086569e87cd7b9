"""The hand-written SQL of search.

It reads tables of other apps where a join is needed (tests/system/test_sql.py lists them), and
writes to none of them.
"""

from chirp.db.prepared import Prepared

# --- Documents -----------------------------------------------------------------------------------

# One writer of a document after another: the later one reads the tweet anew.
LOCK_DOCUMENTS = """
SELECT pg_advisory_xact_lock('search_document'::regclass::int, hashint8(id))
FROM (SELECT DISTINCT id FROM unnest(%s::bigint[]) AS t (id) ORDER BY id) t
"""
STEMS = """
SELECT w.language, w.word, ts_lexize((w.stemmer || '_stem')::regdictionary, w.word)
FROM unnest(%s::text[], %s::text[], %s::text[]) AS w (language, stemmer, word)
"""
WRITE_DOCUMENTS = """
INSERT INTO search_document AS d (tweet_id, author_id, language, public, lexemes)
SELECT tweet_id, author_id, language, public, lexemes::tsvector
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::boolean[], %s::text[])
    AS n (tweet_id, author_id, language, public, lexemes)
ON CONFLICT (tweet_id) DO UPDATE
SET language = EXCLUDED.language, public = EXCLUDED.public, lexemes = EXCLUDED.lexemes
WHERE (d.language, d.public, d.lexemes)
    IS DISTINCT FROM (EXCLUDED.language, EXCLUDED.public, EXCLUDED.lexemes)
"""

# --- Tweets --------------------------------------------------------------------------------------

# Leaves out most of what the viewer may not find, so that it need not be loaded: the rules are in
# tweets/read/facts.py. It is evaluated for one row after another until there are enough.
_FINDABLE = """
CROSS JOIN LATERAL (
    SELECT FROM accounts_user a
    WHERE a.id = d.author_id AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
        AND (d.public AND NOT a.private OR d.author_id = %(viewer)s::bigint OR d.addressed
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
