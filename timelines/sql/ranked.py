"""The query for which authors a reader is interested in."""

from chirp.db.prepared import Prepared

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
