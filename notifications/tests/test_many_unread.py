"""Pages with a count of what is unread cost the same, however much is unread and blocked."""

import pytest
from django.db import connection

from accounts.models import User
from notifications import selectors
from people.selectors import active_by_handle
from tests.helpers.plans import rows_read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_database")]
PEOPLE = """
INSERT INTO accounts_user (handle, email, password, name, bio, place, link, private, is_staff,
    is_superuser, token_version, followers_count, following_count, tweets_count, likes_count)
SELECT 'p' || n, 'p' || n || '@example.org', '!', '', '', '', '', FALSE, FALSE, FALSE, 0, 0, 0, 0, 0
FROM generate_series(1, 6000) n
"""
# One half of the people write to the reader, who blocks the other half, as the first of them does.
ROWS = """
CREATE TEMPORARY TABLE person ON COMMIT DROP AS SELECT id, row_number() OVER (ORDER BY id) AS n
FROM accounts_user WHERE handle ~ '^p[0-9]';
CREATE TEMPORARY TABLE writer ON COMMIT DROP AS SELECT * FROM person WHERE n <= 3000;
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, conversation_id,
    likes_count, reposts_count, quotes_count, replies_count)
SELECT n, id, 'Only for you', 'direct', FALSE, '', n, 0, 0, 0, 0 FROM writer;
INSERT INTO tweets_mention (tweet_id, user_id, author_id) SELECT n, %(reader)s, id FROM writer;
INSERT INTO tweets_conversation (user_id, conversation_id, newest_id, read_up_to)
SELECT %(reader)s, n, n, 0 FROM writer;
INSERT INTO notifications_group (recipient_id, kind, tweet_id, count, actors, newest_id)
SELECT %(reader)s, 'mention', n, 1, ARRAY[id], n FROM writer;
INSERT INTO people_block (blocker_id, blocked_id)
SELECT blocker, id FROM person, unnest(ARRAY[%(reader)s, (SELECT min(id) FROM writer)]) AS blocker
WHERE n > 3000;
ANALYZE
"""
PROBES = 8  # rows that are read for each that is counted: the tweet, its author and so on


def test_what_is_read_does_not_depend_on_how_much_is_unread(alice: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE)
        cursor.execute(ROWS, {"reader": alice.pk})
    reading = selectors.reading(user_id=alice.pk)
    most = selectors.COUNTED
    assert (reading.unread, reading.conversations) == (most, most)
    assert rows_read(lambda: selectors.reading(user_id=alice.pk)) < PROBES * most


def test_accounts_are_found_by_handle_without_a_look_at_all(alice: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE)
        cursor.execute("ANALYZE accounts_user")
    handles = ["p7", "p4000", "alice", "nothing"]
    assert set(active_by_handle(handles=handles)) == {"p7", "p4000", "alice"}
    assert rows_read(lambda: active_by_handle(handles=handles)) == 3
