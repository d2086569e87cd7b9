"""The hand-written SQL of notifications.

It reads tables of other apps where a join is needed (tests/system/test_sql.py lists them), and
writes to none of them.
"""

from chirp.db.prepared import Prepared
from tweets.sql.conversations import UNREAD_CONVERSATIONS

# --- Settling ------------------------------------------------------------------------------------

# One lock for each recipient, until the transaction ends. It is no row, so requests that read or
# mark notifications never wait for it. All transactions lock in the same order. The first key keeps
# these apart from other advisory locks.
LOCK_RECIPIENTS = """
SELECT pg_advisory_xact_lock(1852798830, key)
FROM (SELECT DISTINCT (id %% 2147483647)::int AS key FROM unnest(%s::bigint[]) AS r (id)
    ORDER BY 1) AS ordered
"""
# What is true of each possible notification now: whether its cause stands, whether the recipient
# wants it, whether a stranger's is to be filtered, and the row if there is one.
#
# What a private account likes and reposts is known to its followers only, as in the lists of likes
# and reposts.
JUDGE = """
WITH cause AS (
    SELECT * FROM unnest(%(recipients)s::bigint[], %(kinds)s::text[], %(tweets)s::bigint[],
        %(actors)s::bigint[], %(buckets)s::bigint[])
    WITH ORDINALITY AS c (recipient_id, kind, tweet_id, actor_id, bucket, n)
)
SELECT
    CASE c.kind
        WHEN 'like' THEN EXISTS (SELECT FROM tweets_like l
            WHERE l.user_id = c.actor_id AND l.tweet_id = c.tweet_id)
        WHEN 'repost' THEN EXISTS (SELECT FROM tweets_tweet t
            WHERE t.repost_of_id = c.tweet_id AND t.author_id = c.actor_id
            AND t.deleted_at IS NULL AND t.hidden_at IS NULL)
        WHEN 'mention' THEN EXISTS (SELECT FROM tweets_mention m
            WHERE m.tweet_id = c.tweet_id AND m.user_id = c.recipient_id)
        WHEN 'quote' THEN EXISTS (SELECT FROM tweets_tweet t JOIN tweets_tweet q
            ON q.id = t.quote_of_id
            WHERE t.id = c.tweet_id AND NOT t.quote_detached AND q.author_id = c.recipient_id)
        WHEN 'follow' THEN EXISTS (SELECT FROM people_follow f
            WHERE f.follower_id = c.actor_id AND f.followee_id = c.recipient_id
            AND f.since_id IS NOT NULL)
        WHEN 'follow_request' THEN EXISTS (SELECT FROM people_follow f
            WHERE f.follower_id = c.actor_id AND f.followee_id = c.recipient_id
            AND f.since_id IS NULL)
        WHEN 'edit' THEN EXISTS (SELECT FROM tweets_tweet t
            WHERE t.repost_of_id = c.tweet_id AND t.author_id = c.recipient_id
            AND t.deleted_at IS NULL)
        -- In the order of the index that has the author, or all quotes of the tweet may be read.
        WHEN 'quoted_edit' THEN EXISTS (
            SELECT FROM unnest(ARRAY['public', 'unlisted', 'followers', 'direct', 'nobody'])
                AS one (reach) CROSS JOIN LATERAL (SELECT t.id FROM tweets_tweet t
                WHERE t.quote_of_id = c.tweet_id AND t.reach = one.reach
                AND t.author_id = c.recipient_id AND t.live AND NOT t.quote_detached
                ORDER BY t.id DESC LIMIT 1) own)
        ELSE TRUE
    END
    AND (c.actor_id IS NULL OR (
        a.deactivated_at IS NULL AND a.suspended_at IS NULL
        AND (NOT a.private OR c.kind NOT IN ('like', 'repost') OR follows.is)
        AND NOT EXISTS (SELECT FROM people_block b
            WHERE b.blocker_id = c.recipient_id AND b.blocked_id = c.actor_id)
        AND NOT EXISTS (SELECT FROM people_block b
            WHERE b.blocker_id = c.actor_id AND b.blocked_id = c.recipient_id)
        AND NOT EXISTS (SELECT FROM people_mute m
            WHERE m.muter_id = c.recipient_id AND m.muted_id = c.actor_id)))
    AS stands,
    coalesce(c.kind = ANY (s.off), FALSE) OR EXISTS (
        SELECT FROM tweets_tweet t JOIN tweets_conversationmute m
            ON m.conversation_id = coalesce(t.conversation_id, t.id)
        WHERE t.id = c.tweet_id AND m.user_id = c.recipient_id) AS unwanted,
    c.actor_id IS NOT NULL AND NOT follows.is AND NOT coalesce(r.accepted, FALSE) AS stranger,
    CASE WHEN a.limited_at IS NOT NULL AND coalesce(s.strangers, 'accept') = 'accept' THEN 'filter'
        ELSE coalesce(s.strangers, 'accept') END AS strangers,
    e.id AS existing, coalesce(e.standing, FALSE) AS standing
FROM cause c
LEFT JOIN accounts_user a ON a.id = c.actor_id
LEFT JOIN notifications_settings s ON s.user_id = c.recipient_id
LEFT JOIN notifications_request r ON r.recipient_id = c.recipient_id AND r.actor_id = c.actor_id
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM people_follow f
    WHERE f.follower_id = c.recipient_id AND f.followee_id = c.actor_id
    AND f.since_id IS NOT NULL) AS is) follows
LEFT JOIN notifications_group g ON g.recipient_id = c.recipient_id AND g.kind = c.kind
    AND g.tweet_id = c.tweet_id AND g.bucket = c.bucket
LEFT JOIN LATERAL (
    SELECT n.id, n.standing FROM notifications_notification n
    WHERE n.group_id = g.id AND n.actor_id = c.actor_id
    UNION ALL
    SELECT n.id, n.standing FROM notifications_notification n
    WHERE n.recipient_id = c.recipient_id AND n.kind = c.kind AND n.actor_id = c.actor_id
        AND n.kind IN ('follow', 'follow_request')
    LIMIT 1) e ON TRUE
ORDER BY c.n
"""
INSERT_GROUPS = """
INSERT INTO notifications_group (recipient_id, kind, tweet_id, bucket, note)
SELECT DISTINCT ON (c.recipient_id, c.kind, c.tweet_id, c.bucket) c.*
FROM unnest(%(recipients)s::bigint[], %(kinds)s::text[], %(tweets)s::bigint[],
    %(buckets)s::bigint[], %(notes)s::text[]) AS c (recipient_id, kind, tweet_id, bucket, note)
ON CONFLICT DO NOTHING
"""
# Returns the group of each new row that is to be shown, and the recipient and actor of each that
# is filtered.
INSERT_NOTIFICATIONS = """
INSERT INTO notifications_notification
    (group_id, recipient_id, kind, actor_id, standing, filtered)
SELECT g.id, c.recipient_id, c.kind, c.actor_id, TRUE, c.filtered
FROM unnest(%(recipients)s::bigint[], %(kinds)s::text[], %(tweets)s::bigint[],
    %(actors)s::bigint[], %(buckets)s::bigint[], %(filtered)s::bool[]) WITH ORDINALITY
    AS c (recipient_id, kind, tweet_id, actor_id, bucket, filtered, n)
JOIN notifications_group g ON g.recipient_id = c.recipient_id AND g.kind = c.kind
    AND g.tweet_id IS NOT DISTINCT FROM c.tweet_id AND g.bucket = c.bucket
ORDER BY c.n
ON CONFLICT DO NOTHING
RETURNING group_id, recipient_id, actor_id, standing, filtered, id
"""
SET_STANDING = """
UPDATE notifications_notification SET standing = %s WHERE id = ANY (%s)
RETURNING group_id, recipient_id, actor_id, standing, filtered, id
"""
UNFILTER = """
UPDATE notifications_notification SET filtered = FALSE
WHERE actor_id = %s AND recipient_id = %s AND filtered
RETURNING group_id, recipient_id, actor_id, standing, filtered, id
"""
# The newest notifications of a group are read from an index, so this takes as long for 100,000 as
# for ten. A group that has become empty keeps its position.
REFRESH_GROUPS = """
UPDATE notifications_group g SET count = g.count + change.by,
    actors = coalesce(newest.actors, '{}'),
    newest_id = coalesce(newest.id, g.newest_id),
    newest_at = coalesce(newest.at, g.newest_at)
FROM unnest(%(groups)s::bigint[], %(changes)s::int[]) AS change (group_id, by)
CROSS JOIN LATERAL (
    SELECT array_agg(n.actor_id ORDER BY n.id DESC) FILTER (WHERE n.actor_id IS NOT NULL) AS actors,
        max(n.id) AS id, max(n.created_at) AS at
    FROM (SELECT id, actor_id, created_at FROM notifications_notification
        WHERE group_id = change.group_id AND standing AND NOT filtered
        ORDER BY id DESC LIMIT %(sample)s) n) newest
WHERE g.id = change.group_id
"""
SHOW_GROUPS = """
UPDATE notifications_group g SET visible = shown.visible
FROM unnest(%s::bigint[], %s::bool[]) AS shown (id, visible)
WHERE g.id = shown.id AND g.visible <> shown.visible
RETURNING g.recipient_id, g.id
"""
REFRESH_REQUESTS = """
INSERT INTO notifications_request AS r (recipient_id, actor_id, count, newest_id)
SELECT pair.recipient_id, pair.actor_id, waiting.count, coalesce(waiting.newest, 0)
FROM (SELECT DISTINCT * FROM unnest(%(recipients)s::bigint[], %(actors)s::bigint[])
    AS p (recipient_id, actor_id)) pair
LEFT JOIN notifications_request old USING (recipient_id, actor_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS count, max(n.id) AS newest FROM notifications_notification n
    WHERE n.actor_id = pair.actor_id AND n.recipient_id = pair.recipient_id
        AND n.standing AND n.filtered AND n.id > coalesce(old.dismissed_up_to, 0)) waiting
ON CONFLICT (recipient_id, actor_id)
DO UPDATE SET count = EXCLUDED.count, newest_id = EXCLUDED.newest_id
"""

# Devices that hear of new notifications, each with one message for a group. The lock keeps a device
# that is being taken out from being referred to. While a service wants to be left alone, its
# messages wait as well. What a group has been sent for is not changed by the next one: the worker
# that sends it looks.
PLAN_PUSHES = """
WITH wanted AS MATERIALIZED (
    SELECT s.id AS subscription_id, n.recipient_id, n.group_id, n.id AS notification_id, s.resume_at
    FROM notifications_notification n
    JOIN notifications_pushsubscription s ON s.user_id = n.recipient_id
        AND n.kind = ANY (s.kinds) AND s.policy <> 'none'
    WHERE n.id = ANY (%(notifications)s)
    FOR KEY SHARE OF s)
INSERT INTO notifications_push AS p
    (subscription_id, recipient_id, group_id, notification_id, due_at)
SELECT DISTINCT ON (subscription_id, group_id) subscription_id, recipient_id, group_id,
    notification_id, greatest(statement_timestamp(), resume_at)
FROM wanted
ORDER BY subscription_id, group_id, notification_id DESC
ON CONFLICT (subscription_id, group_id) DO UPDATE
SET notification_id = EXCLUDED.notification_id, created_at = statement_timestamp()
RETURNING recipient_id
"""

# --- Recipients ----------------------------------------------------------------------------------

# For these tweets, the accounts that they concern directly. Each is returned once with the most
# specific kind: the author of the parent, then of the quoted tweet, then those who are mentioned.
CONCERNED = Prepared("""
SELECT DISTINCT ON (t.id, c.user_id) t.id, t.author_id, c.user_id, c.kind
FROM tweets_tweet t
LEFT JOIN tweets_tweet q ON q.id = t.quote_of_id
CROSS JOIN LATERAL (
    SELECT nullif(t.reply_to_author_id, 0), 'reply', 1
    UNION ALL SELECT q.author_id, 'quote', 2
    UNION ALL SELECT m.user_id, 'mention', 3 FROM tweets_mention m WHERE m.tweet_id = t.id
) c (user_id, kind, rank)
WHERE t.id = ANY (%(ids)s::bigint[]) AND t.repost_of_id IS NULL AND c.user_id <> t.author_id
ORDER BY t.id, c.user_id, c.rank
""")
# Which of these tweets subscribers of their authors hear of: those for which there are any.
# Reposts and replies to others are left out, as they are on the author's profile.
FOR_SUBSCRIBERS = Prepared("""
SELECT t.id FROM tweets_tweet t
WHERE t.id = ANY (%(ids)s::bigint[]) AND t.repost_of_id IS NULL AND t.visibility <> 'direct'
    AND coalesce(t.reply_to_author_id, t.author_id) = t.author_id
    AND EXISTS (SELECT FROM people_follow f
        WHERE f.followee_id = t.author_id AND f.notify AND f.since_id IS NOT NULL LIMIT 1)
ORDER BY t.id
""")
# The next accounts that asked to hear of an author's tweets, by id.
SUBSCRIBERS = """
SELECT follower_id FROM people_follow
WHERE followee_id = %(author)s AND notify AND since_id IS NOT NULL AND follower_id > %(after)s
ORDER BY follower_id LIMIT %(limit)s
"""
# The next accounts that reposted a tweet, in the order of their reposts, newest first.
REPOSTERS = """
SELECT id, author_id FROM tweets_tweet
WHERE repost_of_id = %(tweet)s AND id < %(below)s AND deleted_at IS NULL
ORDER BY id DESC LIMIT %(limit)s
"""

# The next accounts that quote a tweet, by id, each once. The index has the reach before the author,
# so the accounts of each are read in their order, and a step costs the same however many there are.
QUOTERS = """
SELECT DISTINCT found.author_id
FROM unnest(ARRAY['public', 'unlisted', 'followers', 'direct']) AS one (reach)
CROSS JOIN LATERAL (
    SELECT DISTINCT author_id FROM tweets_tweet
    WHERE quote_of_id = %(tweet)s AND reach = one.reach AND live AND NOT quote_detached
        AND author_id > %(after)s
    ORDER BY author_id LIMIT %(limit)s) found
ORDER BY found.author_id LIMIT %(limit)s
"""

# --- Reading -------------------------------------------------------------------------------------

# For each of these groups the newest notifications with an actor, newest first.
NEWEST = """
SELECT n.group_id, n.id, n.actor_id, n.created_at
FROM unnest(%(groups)s::bigint[]) AS g (id)
CROSS JOIN LATERAL (
    SELECT group_id, id, actor_id, created_at FROM notifications_notification
    WHERE group_id = g.id AND standing AND NOT filtered AND actor_id IS NOT NULL
    ORDER BY id DESC LIMIT %(depth)s) n
ORDER BY n.group_id, n.id DESC
"""
# Whether the account hears of what an actor did: what People.are_shown says, in SQL. LIMIT 1 keeps
# the planner from joins that read all blocks of an account, of which there may be very many.
_HEARS = """(SELECT TRUE FROM {actors} CROSS JOIN LATERAL (
        SELECT private FROM accounts_user
        WHERE id = actor.id AND deactivated_at IS NULL AND suspended_at IS NULL LIMIT 1) a
    WHERE (SELECT TRUE FROM people_block
        WHERE blocker_id = %(user)s::bigint AND blocked_id = actor.id LIMIT 1) IS NULL
    AND (SELECT TRUE FROM people_block
        WHERE blocker_id = actor.id AND blocked_id = %(user)s::bigint LIMIT 1) IS NULL
    AND (SELECT TRUE FROM people_mute
        WHERE muter_id = %(user)s::bigint AND muted_id = actor.id LIMIT 1) IS NULL
    AND (NOT a.private OR g.kind NOT IN ('like', 'repost') OR (SELECT TRUE FROM people_follow
        WHERE follower_id = %(user)s::bigint AND followee_id = actor.id AND since_id IS NOT NULL
        LIMIT 1)) LIMIT 1)"""
_SAMPLE = "unnest(g.actors) AS actor (id)"
_DEEPER = """(SELECT actor_id AS id FROM notifications_notification n
    WHERE n.group_id = g.id AND standing AND NOT filtered AND n.id > g.last_read
    ORDER BY n.id DESC LIMIT %(depth)s::bigint) AS actor"""
# The number of unread groups, counted up to a limit. What the read leaves out at once (blocks,
# mutes, tweets and actors that are gone) is left out here too, before a task has retracted it. And
# the read position of home and the number of unread conversations, which the same page needs.
_READING = """
SELECT count(*), coalesce((SELECT last_read_id FROM notifications_marker
    WHERE user_id = %(user)s::bigint AND name = 'home'), 0), {conversations}
FROM (
    SELECT id, actors, count, tweet_id, kind, last_read
    FROM notifications_group, coalesce((SELECT last_read_id FROM notifications_marker
        WHERE user_id = %(user)s::bigint AND name = 'notifications'), 0) AS last_read
    WHERE recipient_id = %(user)s::bigint AND count > 0 AND visible AND newest_id > last_read
    ORDER BY newest_id DESC LIMIT %(limit)s::bigint
) g
WHERE (g.tweet_id IS NULL OR g.kind = 'moderation' OR (SELECT TRUE FROM tweets_tweet t
    WHERE t.id = g.tweet_id AND t.deleted_at IS NULL AND t.hidden_at IS NULL LIMIT 1))
AND (g.actors = '{{}}' OR {sample} OR (g.count > cardinality(g.actors) AND {deeper}))
"""
COUNT_UNREAD = _READING.format(
    conversations=UNREAD_CONVERSATIONS,
    sample=_HEARS.format(actors=_SAMPLE),
    deeper=_HEARS.format(actors=_DEEPER),
)
READING = Prepared(COUNT_UNREAD)
# Moves a read position, and returns it. It goes back only if `back` says so.
MOVE_MARKER = """
INSERT INTO notifications_marker AS m (user_id, name, last_read_id, version)
VALUES (%(user)s, %(name)s, %(position)s, 1)
ON CONFLICT (user_id, name) DO UPDATE SET last_read_id = EXCLUDED.last_read_id,
    version = m.version + 1, updated_at = statement_timestamp()
WHERE m.last_read_id < EXCLUDED.last_read_id OR %(back)s
"""
