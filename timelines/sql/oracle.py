"""The oracle: a timeline as plain SQL, written to be simple (timelines/oracle.py)."""


def _in_audience(tweet: str, author: str) -> str:
    """Return the condition that the viewer is in the audience of a tweet (rule 3)."""
    return f"""(
    {tweet}.author_id = %(viewer)s
    OR ({tweet}.visibility IN ('public', 'unlisted') AND NOT {author}.private)
    OR ({tweet}.visibility <> 'direct' AND EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = {tweet}.author_id AND f.since_id IS NOT NULL))
    OR ({tweet}.visibility <> 'direct' AND {tweet}.reply_to_author_id = %(viewer)s)
    OR EXISTS (
        SELECT FROM tweets_mention m WHERE m.tweet_id = {tweet}.id AND m.user_id = %(viewer)s))
"""  # noqa: S608 - only names are interpolated


_IN_HOME = """(
    t.author_id = %(viewer)s
    -- 1: an account that the viewer follows, in no exclusive list
    OR (follow.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM lists_listmember m JOIN lists_peoplelist l ON l.id = m.list_id
            WHERE l.owner_id = %(viewer)s AND l.exclusive AND m.user_id = t.author_id)
        -- 6: newer than the follow, if backfill is off
        AND (%(backfill)s OR t.id > follow.since_id))
    -- 1: a public tweet with a followed hashtag
    OR (t.visibility = 'public' AND NOT author.private
        AND (author.limited_at IS NULL OR follow.id IS NOT NULL) AND EXISTS (
        SELECT FROM tweets_hashtag h JOIN lists_hashtagfollow w ON w.tag = h.tag
        WHERE h.tweet_id = t.id AND w.user_id = %(viewer)s)))
"""
# A timeline (rules 1 to 6, without filters) as one query, written to be simple, not fast.
_TIMELINE = """
SELECT t.id, coalesce(t.repost_of_id, t.id)
FROM tweets_tweet t
JOIN accounts_user author ON author.id = t.author_id
LEFT JOIN people_follow follow ON follow.follower_id = %(viewer)s
    AND follow.followee_id = t.author_id AND follow.since_id IS NOT NULL
LEFT JOIN tweets_tweet original ON original.id = t.repost_of_id
LEFT JOIN accounts_user first ON first.id = original.author_id
WHERE {belongs}
-- 2: neither the tweet nor its original is deleted or hidden, and both authors are active
AND t.deleted_at IS NULL AND t.hidden_at IS NULL
AND author.deactivated_at IS NULL AND author.suspended_at IS NULL
AND (t.repost_of_id IS NULL OR (
    original.deleted_at IS NULL AND original.hidden_at IS NULL
    AND first.deactivated_at IS NULL AND first.suspended_at IS NULL))
-- 3: the viewer is in the audience of both
AND {sees}
AND (t.repost_of_id IS NULL OR {sees_original})
-- 4: no block between the viewer and either author, no mute, no hidden reposts
AND NOT EXISTS (SELECT FROM people_block b
    WHERE (b.blocker_id = %(viewer)s AND b.blocked_id IN (t.author_id, original.author_id))
    OR (b.blocked_id = %(viewer)s AND b.blocker_id IN (t.author_id, original.author_id)))
AND NOT EXISTS (SELECT FROM people_mute m
    WHERE m.muter_id = %(viewer)s AND m.muted_id IN (t.author_id, original.author_id))
AND (t.repost_of_id IS NULL OR t.author_id = %(viewer)s OR (follow.reposts IS NOT FALSE
    AND NOT EXISTS (SELECT FROM accounts_user
        WHERE id = %(viewer)s AND reposts_hidden_until > %(now)s)))
-- 5: replies to other accounts
AND (t.reply_to_author_id IS NULL OR t.reply_to_author_id IN (t.author_id, %(viewer)s)
    OR t.author_id = %(viewer)s OR EXISTS (
        SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s
        AND f.followee_id = t.reply_to_author_id AND f.since_id IS NOT NULL))
ORDER BY t.id DESC
"""


def _oracle(belongs: str) -> str:
    sees, sees_original = _in_audience("t", "author"), _in_audience("original", "first")
    return _TIMELINE.format(belongs=belongs, sees=sees, sees_original=sees_original)


ORACLE = _oracle(_IN_HOME)
# The timeline of a list: the people on it, except where a block is between them and its owner.
ORACLE_OF_LIST = _oracle("""EXISTS (
    SELECT FROM lists_listmember m JOIN lists_peoplelist l ON l.id = m.list_id
    WHERE l.id = %(list)s AND m.user_id = t.author_id AND NOT EXISTS (
        SELECT FROM people_block b WHERE (b.blocker_id = l.owner_id AND b.blocked_id = m.user_id)
        OR (b.blocker_id = m.user_id AND b.blocked_id = l.owner_id)))
""")

# The texts that filters look at, one row for each, of the entries that the viewer neither wrote
# nor reposted, nor are by the viewer: those of what an entry shows, and of what that quotes.
ORACLE_TEXTS = f"""
WITH entry AS (
    SELECT t.id AS entry, o.* FROM tweets_tweet t
    JOIN tweets_tweet o ON o.id = coalesce(t.repost_of_id, t.id)
    WHERE t.id = ANY (%(ids)s) AND t.author_id <> %(viewer)s AND o.author_id <> %(viewer)s
), shown AS (
    SELECT * FROM entry
    UNION ALL
    SELECT entry.entry, q.* FROM entry
    JOIN tweets_tweet q ON q.id = entry.quote_of_id JOIN accounts_user a ON a.id = q.author_id
    WHERE NOT entry.quote_detached AND q.deleted_at IS NULL AND q.hidden_at IS NULL
    AND a.deactivated_at IS NULL AND a.suspended_at IS NULL AND {_in_audience("q", "a")}
    AND NOT EXISTS (SELECT FROM people_block b
        WHERE (b.blocker_id = %(viewer)s AND b.blocked_id = q.author_id)
        OR (b.blocked_id = %(viewer)s AND b.blocker_id = q.author_id))
    AND NOT EXISTS (SELECT FROM people_mute m
        WHERE m.muter_id = %(viewer)s AND m.muted_id = q.author_id)
)
SELECT entry, text FROM shown
UNION ALL SELECT entry, spoiler FROM shown
UNION ALL SELECT entry, m.alt FROM shown JOIN media_media m ON m.tweet_id = shown.id
UNION ALL SELECT entry, unnest(p.choices) FROM shown JOIN tweets_poll p ON p.tweet_id = shown.id
"""  # noqa: S608 - only the condition above is interpolated
