"""A tweet with very many likes or quotes costs few rows, whoever reads and writes."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chirp.pagination import PageRequest
from notifications import selectors, services, sql
from notifications.models import Group
from notifications.settling import Cause, _columns
from tests.helpers.tweets import post
from tweets.models import Like, Tweet

pytestmark = pytest.mark.usefixtures("new_database")
LIKES = 100_000
QUOTERS = 2_000
USERS = """
INSERT INTO accounts_user (handle, email, password, name, bio, place, link, private, is_staff,
    is_superuser, token_version, followers_count, following_count, tweets_count, likes_count)
SELECT 'liker' || n, 'liker' || n || '@example.org', '', '', '', '', '', FALSE, FALSE, FALSE,
    0, 0, 0, 0, 0 FROM generate_series(1, %s) n
"""
MEMBERS = """
INSERT INTO notifications_notification (group_id, recipient_id, kind, actor_id, standing, filtered)
SELECT %s, %s, 'like', id, TRUE, FALSE FROM accounts_user WHERE handle LIKE 'liker%%'
"""


QUOTES = """
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, quote_of_id,
    likes_count, reposts_count, quotes_count, replies_count)
SELECT 5000 + n, u.id, 'look', 'public', FALSE, '', %s, 0, 0, 0, 0
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_user
    WHERE handle LIKE 'liker%%') u
"""
# Most tweets have few quotes: the planner must not expect it of all.
OTHER_QUOTES = """
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, quote_of_id,
    likes_count, reposts_count, quotes_count, replies_count)
SELECT 50000 + id, author_id, 'look', 'public', FALSE, '', id, 0, 0, 0, 0
FROM tweets_tweet WHERE quote_of_id IS NOT NULL
"""


@pytest.fixture
def liked(alice: User, bob: User) -> Tweet:
    """A tweet of alice with a like by bob, and a group of very many others."""
    tweet = post(alice)
    Like.objects.create(user=bob, tweet=tweet)
    services.liked(likes=[(tweet.pk, bob.pk)])
    with connection.cursor() as cursor:
        cursor.execute(USERS, [LIKES])
        cursor.execute(MEMBERS, [Group.objects.get().pk, alice.pk])
        Group.objects.update(count=LIKES + 1)
        cursor.execute("ANALYZE notifications_notification, notifications_group, accounts_user")
    return tweet


def scans(plan: dict[str, Any], table: str) -> Iterator[dict[str, Any]]:
    """The nodes of a plan that read a table."""
    if plan.get("Relation Name") == table and plan["Node Type"] != "ModifyTable":
        yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part, table)


def explained(query: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The plan of a query, with what happened when it ran."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", parameters)
        answer = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return plan


def test_it_is_read_and_written_with_few_rows(
    liked: Tweet, alice: User, charlie: User, drain: Callable[..., int]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = selectors.notifications(viewer=alice, page=PageRequest())
    assert selectors.unread(user_id=alice.pk) == 1
    assert [item.count for item in page.results] == [LIKES + 1]
    assert not [q for q in queries if "notifications_notification" in q["sql"]]

    parameters = {"user": alice.pk, "limit": selectors.COUNTED, "depth": selectors.DEPTH}
    (further,) = scans(explained(sql.COUNT_UNREAD, parameters), "notifications_notification")
    assert further["Actual Loops"] == 0

    group = Group.objects.get().pk
    Like.objects.create(user=charlie, tweet=liked)
    services.liked(likes=[(liked.pk, charlie.pk)])
    assert Group.objects.get().count == LIKES + 2
    plan = explained(sql.REFRESH_GROUPS, {"groups": [group], "changes": [0], "sample": 5})
    members = list(scans(plan, "notifications_notification"))
    assert [node["Actual Rows"] <= 5 for node in members] == [True]
    assert [node.get("Rows Removed by Filter", 0) for node in members] == [0]


def test_an_edit_of_a_tweet_reads_as_many_of_its_quotes_as_accounts_that_it_tells(
    alice: User,
) -> None:
    tweet = post(alice)
    with connection.cursor() as cursor:
        cursor.execute(USERS, [QUOTERS])
        cursor.execute(QUOTES, [tweet.pk])
        cursor.execute(OTHER_QUOTES, [])
        cursor.execute("ANALYZE tweets_tweet, accounts_user")
    people = list(User.objects.filter(handle__startswith="liker").order_by("pk"))
    for after, found in ((0, 100), (people[QUOTERS // 2].pk, 100), (people[-4].pk, 3)):
        step = {"tweet": tweet.pk, "after": after, "limit": services.AT_ONCE}
        plan = explained(sql.QUOTERS, step)
        assert plan["Actual Rows"] == found
        assert looked_at(plan) <= found + 1
    causes = [Cause(each.pk, "quoted_edit", tweet.pk, alice.pk) for each in people[-100:]]
    # One row of the tweet itself and one of a quote, for each of them.
    assert looked_at(explained(sql.JUDGE, _columns(causes))) <= 2 * len(causes)


def looked_at(plan: dict[str, Any]) -> float:
    """How many rows of tweets a plan has read."""
    read = [
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in scans(plan, "tweets_tweet")
    ]
    return float(sum(read))
