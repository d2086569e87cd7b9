"""The queries for which open streams are told of a new tweet."""

from chirp.db.prepared import Prepared
from timelines.sql.readers import FOR_EACH

# What decides on a tweet's readers.
AUDIENCE = Prepared("""
SELECT t.author_id, t.visibility, t.text, t.reposts_count, a.followers_count,
    coalesce(t.repost_of_id, 0)
FROM tweets_tweet t JOIN accounts_user a ON a.id = t.author_id WHERE t.id = %(id)s::bigint
""")
# Those of the viewers who follow an author, and those who follow one of these hashtags. Each is a
# probe of an index: see tweets/sql/facts.py for the reason for LIMIT 1.
FOLLOWING = Prepared(f"""
SELECT viewer.id FROM {FOR_EACH} CROSS JOIN LATERAL (
    SELECT FROM people_follow f WHERE f.follower_id = viewer.id
        AND f.followee_id = %(author)s::bigint AND f.since_id IS NOT NULL LIMIT 1) f
""")  # noqa: S608 - only a constant is interpolated
FOLLOWING_TAGS = Prepared(f"""
SELECT viewer.id FROM {FOR_EACH} CROSS JOIN LATERAL (
    SELECT FROM lists_hashtagfollow h WHERE h.user_id = viewer.id
        AND h.tag = ANY (%(tags)s::varchar[]) LIMIT 1) h
""")  # noqa: S608 - as above
# Those of the viewers who follow one of the latest reposters of a tweet.
FOLLOWING_REPOSTERS = Prepared(f"""
SELECT DISTINCT viewer.id FROM (
    SELECT author_id FROM tweets_tweet WHERE repost_of_id = %(id)s::bigint
    ORDER BY id DESC LIMIT %(most)s::bigint
) r CROSS JOIN {FOR_EACH} CROSS JOIN LATERAL (
    SELECT FROM people_follow f WHERE f.follower_id = viewer.id
        AND f.followee_id = r.author_id AND f.since_id IS NOT NULL LIMIT 1) f
""")  # noqa: S608 - as above
