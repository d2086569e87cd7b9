"""The queries of the fan-out: tweets, and the accounts that get them."""

from chirp.db.prepared import Prepared

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
