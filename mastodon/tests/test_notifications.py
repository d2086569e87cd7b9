"""Notifications one by one, in groups, and those of strangers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notifications import preferences
from notifications.services import moderated
from people.services import block, follow
from tests.helpers.mastodon_client import Mastodon
from tweets.deleting import delete_tweet
from tweets.editing import edit_tweet
from tweets.marks import like, repost
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]
Drain = Callable[..., int]


@pytest.fixture
def busy(alice: User, bob: User, charlie: User, drain: Drain) -> dict[str, int]:
    """What others did: likes of bob and charlie, a reply that mentions, a quote and a follow."""
    mine = post_tweet(author=alice, text="mine")
    like(user=bob, tweet_id=mine.pk)
    like(user=charlie, tweet_id=mine.pk)
    reply = post_tweet(author=bob, text="@alice yes", reply_to_id=mine.pk)
    quote = post_tweet(author=charlie, text="look", quote_of_id=mine.pk)
    follow(follower=bob, followee=alice)
    repost(user=charlie, tweet_id=mine.pk)
    drain()
    return {"mine": mine.pk, "reply": reply.pk, "quote": quote.pk}


def kinds(entries: list[Any]) -> list[tuple[str, str]]:
    return sorted((entry["type"], entry["account"]["acct"]) for entry in entries)


def test_each_for_itself(alice: User, busy: dict[str, int]) -> None:
    client = Mastodon(alice)
    entries = client.get("notifications", "[Notification]")
    assert kinds(entries) == [
        *(("favourite", "bob"), ("favourite", "charlie"), ("follow", "bob"), ("mention", "bob")),
        *(("quote", "charlie"), ("reblog", "charlie")),
    ]
    by_type = {entry["type"]: entry for entry in entries}
    assert by_type["favourite"]["status"]["id"] == str(busy["mine"])
    assert by_type["mention"]["status"]["id"] == str(busy["reply"])
    assert by_type["quote"]["status"]["id"] == str(busy["quote"])
    assert "status" not in by_type["follow"]
    found = client.get("notifications?types[]=mention&types[]=quote&exclude_types[]=quote")
    assert [entry["type"] for entry in found] == ["mention"]
    assert client.get("notifications?types[]=admin.report") == []
    one = entries[0]
    assert client.get(f"notifications/{one['id']}", "Notification") == one
    Mastodon().get("notifications", status=401)


def test_an_edit_of_what_was_quoted_comes_with_the_quote(
    alice: User, bob: User, drain: Drain
) -> None:
    tweet = post_tweet(author=bob, text="before")
    first, second = (post_tweet(author=alice, text="look", quote_of_id=tweet.pk) for _ in "ab")
    edit_tweet(author=bob, tweet_id=tweet.pk, text="after")
    drain()
    client = Mastodon(alice)
    (single,) = client.get("notifications", "[Notification]")
    assert (single["type"], single["account"]["acct"]) == ("quoted_update", "bob")
    assert single["status"]["id"] == str(second.pk)
    assert "after" in single["status"]["quote"]["quoted_status"]["content"]
    assert client.get("notifications?types[]=update") == []
    path, key = f"notifications/{single['id']}", f"/api/v2/notifications/{single['group_key']}"
    assert client.get(path) == single
    for found in (client.get("/api/v2/notifications"), client.get(key)):
        (group,) = found["notification_groups"]
        assert (group["type"], group["status_id"]) == ("quoted_update", str(second.pk))
        assert [each["id"] for each in found["statuses"]] == [str(second.pk)]
    delete_tweet(author=alice, tweet_id=second.pk)
    assert client.get(path)["status"]["id"] == str(first.pk)
    delete_tweet(author=alice, tweet_id=first.pk)  # and before a task knows
    assert client.get("notifications") == []
    assert client.get("/api/v2/notifications")["notification_groups"] == []
    client.get(path, status=404)


def test_pages_and_counts(alice: User, bob: User, busy: dict[str, int]) -> None:
    client = Mastodon(alice)
    for path, entity in (("notifications", "Notification"),):
        pages = client.walk(f"{path}?limit=4", entity)
        assert [len(page) for page in pages] == [4, 2]
    assert client.get("notifications/unread_count")["count"] == 6
    assert client.get("/api/v2/notifications/unread_count")["count"] == 5
    newest = client.get("notifications?limit=1")[0]["id"]
    client.post("markers", "Markers", {"notifications": {"last_read_id": newest}})
    assert client.get("notifications/unread_count")["count"] == 0
    assert client.get("/api/v2/notifications/unread_count")["count"] == 0
    only_bob = client.get(f"notifications?account_id={bob.pk}")
    assert {entry["account"]["acct"] for entry in only_bob} == {"bob"}


def test_in_groups(alice: User, bob: User, busy: dict[str, int]) -> None:
    client = Mastodon(alice)
    found = client.get("/api/v2/notifications", "GroupedNotificationsResults")
    groups = {group["type"]: group for group in found["notification_groups"]}
    likes = groups["favourite"]
    assert (likes["notifications_count"], len(likes["sample_account_ids"])) == (2, 2)
    assert likes["status_id"] == str(busy["mine"])
    accounts = {each["id"] for each in found["accounts"]}
    named = {id_ for group in groups.values() for id_ in group["sample_account_ids"]}
    assert named <= accounts
    assert len(found["accounts"]) == len(accounts)
    statuses = {each["id"] for each in found["statuses"]}
    assert {group["status_id"] for group in groups.values() if "status_id" in group} == statuses
    singles = client.get("notifications?types[]=favourite")
    assert {each["group_key"] for each in singles} == {likes["group_key"]}
    for type_, group in groups.items():
        path = f"/api/v2/notifications/{group['group_key']}"
        alone = client.get(path, "GroupedNotificationsResults")["notification_groups"]
        assert [each["type"] for each in alone] == [type_]
        people = client.get(f"{path}/accounts", "[Account]")
        assert [each["id"] for each in people] == group["sample_account_ids"]
        Mastodon(bob).get(path, status=404)
    for key in ("ungrouped-1", "favourite-0", "nonsense", "x-1", "favourite-", "ungrouped-x"):
        client.get(f"/api/v2/notifications/{key}", status=404)
    newest = found["notification_groups"][0]["page_max_id"]
    older = client.get(f"/api/v2/notifications?max_id={newest}&limit=2")["notification_groups"]
    assert older == found["notification_groups"][1:3]


def test_dismissing(alice: User, busy: dict[str, int]) -> None:
    client = Mastodon(alice)
    found = client.get("/api/v2/notifications")["notification_groups"]
    key = next(group["group_key"] for group in found if group["type"] == "favourite")
    client.post(f"/api/v2/notifications/{key}/dismiss", "Empty")
    assert client.get("notifications?types[]=favourite") == []
    one, other, *_ = client.get("notifications")
    client.post(f"notifications/{one['id']}/dismiss", "Empty")
    client.post("notifications/dismiss", "Empty", {"id": other["id"]})
    client.get(f"notifications/{one['id']}", status=404)
    assert len(client.get("notifications")) == 2
    client.post("notifications/clear", "Empty")
    assert client.get("notifications") == []
    assert client.get("/api/v2/notifications")["notification_groups"] == []


def test_a_block_hides_at_once_and_notices_are_left_out(
    alice: User, bob: User, busy: dict[str, int], drain: Drain
) -> None:
    moderated(recipient_id=alice.pk, reference=1, note="Careful.")
    block(blocker=alice, blocked=bob)
    client = Mastodon(alice)
    assert {name for _, name in kinds(client.get("notifications"))} == {"charlie"}
    groups = client.get("/api/v2/notifications")["notification_groups"]
    assert {group["type"] for group in groups} == {"favourite", "quote", "reblog"}
    drain()
    client.post("notifications/clear", "Empty")
    assert client.get("notifications") == []


def test_strangers(alice: User, bob: User, charlie: User, drain: Drain) -> None:
    client = Mastodon(alice)
    assert (
        client.get("/api/v2/notifications/policy", "NotificationPolicy")["for_not_following"]
        == "accept"
    )
    changed = client.patch(
        "/api/v2/notifications/policy", "NotificationPolicy", {"for_not_following": "filter"}
    )
    assert changed["for_not_following"] == "filter"
    assert preferences.preferences(user=alice).strangers == "filter"
    assert client.get("notifications/policy")["filter_not_following"] is True
    for author in (bob, charlie):
        post_tweet(author=author, text="@alice hello")
    drain()
    assert client.get("notifications") == []
    waiting = client.get("notifications/requests", "[NotificationRequest]")
    assert {each["account"]["acct"] for each in waiting} == {"bob", "charlie"}
    client.get(f"notifications/requests/{bob.pk}", "NotificationRequest")
    client.get("notifications/requests/1", status=404)
    client.post(f"notifications/requests/{bob.pk}/accept", "Empty")
    client.post("notifications/requests/dismiss", "Empty", {"id": [str(charlie.pk)]})
    assert client.get("notifications/requests") == []
    assert kinds(client.get("notifications")) == [("mention", "bob")]
    assert client.get("notifications/requests/merged") == {"merged": True}
    for wrong in ({"for_not_following": "perhaps"}, {"for_new_accounts": "drop"}):
        client.patch("/api/v2/notifications/policy", "", wrong, status=422)
    client.put("notifications/policy", "", {"filter_not_following": False})
    assert preferences.preferences(user=alice).strangers == "accept"


def test_the_queries_do_not_grow(alice: User, person: Person, drain: Drain) -> None:
    client, mine = Mastodon(alice), post_tweet(author=alice, text="mine")

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured)

    def mention(number: int) -> None:
        for _ in range(number):
            one = person(f"p{User.objects.count()}")
            post_tweet(author=one, text="@alice", quote_of_id=mine.pk)
            like(user=one, tweet_id=mine.pk)
        drain()

    mention(2)
    paths = ("notifications", "/api/v2/notifications")
    before = [queries(path) for path in paths]
    mention(4)
    assert [queries(path) for path in paths] == before
