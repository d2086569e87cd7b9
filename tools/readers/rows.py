"""Readers of a large site, each with one extreme: many follows, mutes, blocks or likes."""

import psycopg

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
    f"has {MANY:,} likes, bookmarks, notifications": 6,
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
UPDATE accounts_user SET
    following_count = (SELECT count(*) FROM people_follow WHERE follower_id = accounts_user.id),
    followers_count = (SELECT count(*) FROM people_follow WHERE followee_id = accounts_user.id)
WHERE id = 1 OR id > {people} - 8;
"""


def add(database: psycopg.Connection, span: Span) -> None:
    """Insert what the readers follow, mute, block, like and so on, as a superuser."""
    database.execute(
        ROWS.format(people=span.people, many=MANY, followees=FOLLOWEES, busy=BUSY).encode()
    )
    database.execute("VACUUM (FREEZE, ANALYZE)")
