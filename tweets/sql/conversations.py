"""The queries of conversations of direct tweets."""

from chirp.db.prepared import Prepared

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
# It agrees with `unread` of those in the list. For a column of another query. LIMIT 1 keeps the
# planner from joins that read all mentions and blocks of an account, of which there may be many.
UNREAD_CONVERSATIONS = """(
SELECT count(*) FROM (
    SELECT FROM tweets_conversation c CROSS JOIN LATERAL (
        SELECT FROM tweets_tweet t
        WHERE t.conversation_id = c.conversation_id AND t.id > c.read_up_to
            AND t.visibility = 'direct' AND t.deleted_at IS NULL AND t.hidden_at IS NULL
            AND t.author_id <> %(user)s::bigint
            AND (SELECT TRUE FROM tweets_mention
                WHERE tweet_id = t.id AND user_id = %(user)s::bigint LIMIT 1)
            AND (SELECT deactivated_at IS NULL AND suspended_at IS NULL
                FROM accounts_user WHERE id = t.author_id LIMIT 1)
            AND (SELECT TRUE FROM people_block WHERE blocker_id = %(user)s::bigint
                AND blocked_id = t.author_id LIMIT 1) IS NULL
            AND (SELECT TRUE FROM people_block WHERE blocker_id = t.author_id
                AND blocked_id = %(user)s::bigint LIMIT 1) IS NULL
            AND (SELECT TRUE FROM people_mute WHERE muter_id = %(user)s::bigint
                AND muted_id = t.author_id LIMIT 1) IS NULL
        ORDER BY t.id DESC LIMIT 1
    ) t
    WHERE c.user_id = %(user)s::bigint AND c.newest_id > c.read_up_to
    LIMIT %(limit)s::bigint
) unread)"""
