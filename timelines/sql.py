"""The hand-written SQL of timelines.

It reads tables of other apps (tests/system/test_sql.py lists them), and writes to none of them.
"""

from accounts.selectors import person_query
from chirp.db.prepared import Prepared

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
# The last follower ids of all ranges but the last one: as few ranges as possible, of sizes as equal
# as possible.
RANGE_ENDS = Prepared("""
WITH f AS MATERIALIZED (
    SELECT follower_id, row_number() OVER (ORDER BY follower_id) AS number
    FROM people_follow WHERE followee_id = %(author)s::bigint AND since_id IS NOT NULL
), sizes AS (
    SELECT n, ceil(n / ceil(n / %(most)s::numeric)) AS size FROM (SELECT count(*) AS n FROM f) c
)
SELECT follower_id FROM f, sizes WHERE number % size = 0 AND number < n ORDER BY follower_id
""")

# --- Candidates ----------------------------------------------------------------------------------

_FOLLOWEES = """
SELECT followee_id, CASE WHEN %(backfill)s::boolean THEN 0 ELSE since_id END
FROM people_follow f WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
"""
_PUSHED_ONLY = """
AND NOT EXISTS (SELECT FROM timelines_pulledauthor p
    WHERE p.author_id = f.followee_id AND p.state = 'pulled')
"""
EVERY_FOLLOWEE, PUSHED_FOLLOWEES = Prepared(_FOLLOWEES), Prepared(_FOLLOWEES + _PUSHED_ONLY)
# One index probe for each pulled author, of which there are few. So the cost does not depend on how
# many accounts the viewer follows. See tweets/sql.py for the reason for LIMIT 1.
_PULLED = """
SELECT p.author_id FROM timelines_pulledauthor p CROSS JOIN LATERAL (
    SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s::bigint
        AND f.followee_id = p.author_id AND f.since_id IS NOT NULL LIMIT 1
) f
"""
PULLED_FOLLOWEES, READER = Prepared(_PULLED), person_query(f"ARRAY({_PULLED})")
# A few ids of each author strictly between two bounds, beginning at either end.
_OF_AUTHORS = """
SELECT a.author_id, t.id FROM unnest(%(authors)s::bigint[], %(aboves)s::bigint[],
    %(belows)s::bigint[]) AS a (author_id, above, below)
CROSS JOIN LATERAL (
    SELECT id FROM tweets_tweet WHERE author_id = a.author_id AND deleted_at IS NULL
        AND id > a.above AND id < a.below ORDER BY id {order}
        LIMIT %(each)s::bigint
) t
"""
NEWEST = Prepared(_OF_AUTHORS.format(order="DESC"))
OLDEST = Prepared(_OF_AUTHORS.format(order="ASC"))

# --- The oracle ----------------------------------------------------------------------------------

# The definition of the home timeline (rules 1 to 6) as one query, written to be simple, not fast.
ORACLE = """
SELECT t.id, coalesce(t.repost_of_id, t.id)
FROM tweets_tweet t
JOIN accounts_user author ON author.id = t.author_id
LEFT JOIN people_follow follow ON follow.follower_id = %(viewer)s
    AND follow.followee_id = t.author_id AND follow.since_id IS NOT NULL
LEFT JOIN tweets_tweet original ON original.id = t.repost_of_id
LEFT JOIN accounts_user first ON first.id = original.author_id
WHERE (t.author_id = %(viewer)s OR follow.id IS NOT NULL)
-- 2: neither the tweet nor its original is deleted or hidden, and both authors are active
AND t.deleted_at IS NULL AND t.hidden_at IS NULL
AND author.deactivated_at IS NULL AND author.suspended_at IS NULL
AND (t.repost_of_id IS NULL OR (
    original.deleted_at IS NULL AND original.hidden_at IS NULL
    AND first.deactivated_at IS NULL AND first.suspended_at IS NULL))
-- 3: the viewer is in the audience of both (for the tweet, rule 1 implies it unless it is direct)
AND (t.visibility <> 'direct' OR t.author_id = %(viewer)s OR EXISTS (
    SELECT FROM tweets_mention m WHERE m.tweet_id = t.id AND m.user_id = %(viewer)s))
AND (t.repost_of_id IS NULL OR original.author_id = %(viewer)s
    OR (original.visibility IN ('public', 'unlisted') AND NOT first.private)
    OR (original.visibility <> 'direct' AND EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = original.author_id AND f.since_id IS NOT NULL))
    OR (original.visibility <> 'direct' AND original.reply_to_author_id = %(viewer)s)
    OR EXISTS (
        SELECT FROM tweets_mention m WHERE m.tweet_id = original.id AND m.user_id = %(viewer)s))
-- 4: no block between the viewer and either author, no mute, no hidden reposts
AND NOT EXISTS (SELECT FROM people_block b
    WHERE (b.blocker_id = %(viewer)s AND b.blocked_id IN (t.author_id, original.author_id))
    OR (b.blocked_id = %(viewer)s AND b.blocker_id IN (t.author_id, original.author_id)))
AND NOT EXISTS (SELECT FROM people_mute m
    WHERE m.muter_id = %(viewer)s AND m.muted_id IN (t.author_id, original.author_id))
AND (t.repost_of_id IS NULL OR t.author_id = %(viewer)s OR follow.reposts)
-- 5: replies to other accounts
AND (t.reply_to_author_id IS NULL OR t.reply_to_author_id IN (t.author_id, %(viewer)s)
    OR t.author_id = %(viewer)s OR EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = t.reply_to_author_id AND f.since_id IS NOT NULL))
-- 6: newer than the follow, if backfill is off
AND (%(backfill)s OR t.author_id = %(viewer)s OR t.id > follow.since_id)
ORDER BY t.id DESC
"""
