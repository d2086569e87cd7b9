"""The queries for posting: now, later, and with an id of the past."""

from chirp.db.prepared import Prepared

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

# The first id from one on that no tweet has.
FIRST_FREE = """
SELECT coalesce(
    (SELECT t.id + 1 FROM tweets_tweet t
     WHERE t.id >= %(id)s AND EXISTS (SELECT FROM tweets_tweet WHERE id = %(id)s)
        AND NOT EXISTS (SELECT FROM tweets_tweet n WHERE n.id = t.id + 1)
     ORDER BY t.id LIMIT 1),
    %(id)s)
"""

# The uploads in drafts and scheduled tweets. Their ids are numbers, or else they are of no use.
WAITING_MEDIA = Prepared("""
SELECT DISTINCT item::bigint FROM (
    SELECT jsonb_path_query(content, '$[*].media_ids[*]') AS item FROM tweets_draft
    UNION ALL SELECT jsonb_path_query(content, '$[*].media_ids[*]') FROM tweets_scheduledtweet
) waiting WHERE jsonb_typeof(item) = 'number'
""")
