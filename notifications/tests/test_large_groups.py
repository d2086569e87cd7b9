"""A tweet with 100,000 likes costs its author one row to read, and a like a few to write."""

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
from tests.helpers.tweets import post
from tweets.models import Like, Tweet

LIKES = 100_000
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
