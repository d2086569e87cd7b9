"""Readers of a large site, each with one extreme: many follows, mutes, blocks, likes and so on."""

import psycopg

from lists.hashtags import MAX_FOLLOWED
from lists.services import MAX_LISTS, MAX_MEMBERS
from tools.partitions.rows import FOLLOWEES, Span

MANY = 10_000
BUSY = 20  # authors who write most
# By the distance from the last account. None of these is an author: see tools.partitions.rows.
READERS = {
    f"follows {MANY:,}": 1,
    "follows nobody": 2,
    f"mutes the {BUSY} who write most": 3,
    f"is blocked by {MANY:,}": 4,
    f"blocks {MANY:,}": 5,
    f"has {MANY:,} of everything": 6,  # but for lists and hashtags, which have their limits
}
STAR = 7  # all other accounts follow this one
ROWS = """
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT {people} - 1, 2 + n * (({people} - 10) / {many}), n + 1, TRUE
FROM generate_series(0, {many} - 1) AS n;
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT {people} - reader, 2 + n * (({people} - 10) / {followees}), n + 1, TRUE
FROM generate_series(0, {followees} - 1) AS n, unnest(ARRAY[3, 4, 5, 6]) AS reader;
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT {people} - 3, n, n, TRUE FROM generate_series(2, {busy} + 1) AS n ON CONFLICT DO NOTHING;
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT n, {people} - 7, n, TRUE FROM generate_series(1, {people} - 10) AS n;
INSERT INTO people_mute (muter_id, muted_id)
SELECT {people} - 3, n FROM generate_series(2, {busy} + 1) AS n;
INSERT INTO people_block (blocker_id, blocked_id)
SELECT 5 + n * (({people} - 20) / {many}), {people} - 4 FROM generate_series(0, {many} - 1) AS n;
INSERT INTO people_block (blocker_id, blocked_id)
SELECT {people} - 5, 5 + n * (({people} - 20) / {many}) FROM generate_series(0, {many} - 1) AS n;
CREATE TEMPORARY TABLE liked AS SELECT id, author_id, row_number() OVER (ORDER BY id) AS n
FROM (SELECT id, author_id FROM tweets_tweet WHERE repost_of_id IS NULL
    ORDER BY id DESC LIMIT {many}) AS latest;
INSERT INTO tweets_like (user_id, tweet_id) SELECT {people} - 6, id FROM liked;
INSERT INTO tweets_bookmark (user_id, tweet_id) SELECT {people} - 6, id FROM liked;
INSERT INTO notifications_group (recipient_id, kind, tweet_id, count, actors, newest_id)
SELECT {people} - 6, 'mention', id, 1, ARRAY[author_id], n FROM liked;
INSERT INTO notifications_notification
    (id, group_id, recipient_id, kind, actor_id, standing, filtered)
SELECT newest_id, id, recipient_id, kind, actors[1], TRUE, FALSE FROM notifications_group;
INSERT INTO people_follow (follower_id, followee_id, reposts)
SELECT 2 + n * (({people} - 20) / {many}), {people} - 6, TRUE
FROM generate_series(0, {many} - 1) AS n ON CONFLICT DO NOTHING;
INSERT INTO lists_hashtagfollow (user_id, tag)
SELECT {people} - 6, 'tag' || n FROM generate_series(1, {hashtags}) AS n;
INSERT INTO lists_peoplelist (owner_id, name, private, exclusive)
SELECT {people} - 6, 'List ' || n, FALSE, FALSE FROM generate_series(1, {lists}) AS n;
INSERT INTO lists_listmember (list_id, user_id)
SELECT (SELECT min(id) FROM lists_peoplelist), n FROM generate_series(2, {members} + 1) AS n;
CREATE TEMPORARY TABLE direct AS
SELECT chirp_bench_id({total} - n) + 1 AS id, 2 + n * (({people} - 20) / {many}) AS author_id
FROM generate_series(0, {many} - 1) AS n;
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, conversation_id,
    likes_count, reposts_count, quotes_count, replies_count)
SELECT id, author_id, '@p' || {people} - 6 || ' only for you', 'direct', FALSE, '', id, 0, 0, 0, 0
FROM direct;
INSERT INTO tweets_mention (tweet_id, user_id, author_id)
SELECT id, {people} - 6, author_id FROM direct;
INSERT INTO tweets_conversation (user_id, conversation_id, newest_id, read_up_to)
SELECT {people} - 6, id, id, 0 FROM direct;
UPDATE accounts_user SET
    following_count = (SELECT count(*) FROM people_follow WHERE follower_id = accounts_user.id),
    followers_count = (SELECT count(*) FROM people_follow WHERE followee_id = accounts_user.id)
WHERE id = 1 OR id > {people} - 8;
"""


def add(database: psycopg.Connection, span: Span) -> None:
    """Insert what the readers follow, mute, block, like and so on, as a superuser."""
    values = {
        "people": span.people,
        "total": span.total,
        "many": MANY,
        "followees": FOLLOWEES,
        "busy": BUSY,
        "lists": MAX_LISTS,
        "members": MAX_MEMBERS,
        "hashtags": MAX_FOLLOWED,
    }
    database.execute(ROWS.format(**values).encode())
    database.execute("VACUUM (FREEZE, ANALYZE)")
