"""Notifications on devices on which an app is signed in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.oauth.models import AppToken
from accounts.services import end_sign_ins
from notifications import services as notices
from notifications.push import queue
from notifications.push.models import Push, PushSubscription
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.push_service import Device, PushService, push_service
from tests.helpers.tweets import post
from tweets import marks
from tweets.editing import edit_tweet

pytestmark = pytest.mark.django_db
PATH, ENTITY = "push/subscription", "WebPushSubscription"


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    """The push service of all devices."""
    with push_service() as found:
        settings.OUTBOUND_TEST_SERVERS = (found.address,)
        yield found


def body(device: Device, *alerts: str, **data: Any) -> dict[str, Any]:
    """What an app sends as JSON."""
    described = {"endpoint": device.endpoint, "keys": device.keys, "standard": True}
    return {"subscription": described, "data": {"alerts": dict.fromkeys(alerts, True), **data}}


def form(device: Device, *alerts: str) -> dict[str, str]:
    """What an app sends as a form, of which many do not say that they know the standard."""
    return {
        "subscription[endpoint]": device.endpoint,
        "subscription[keys][p256dh]": device.p256dh,
        "subscription[keys][auth]": device.keys["auth"],
        "data[policy]": "all",
        **{f"data[alerts][{name}]": "true" for name in alerts},
    }


def test_an_app_gets_what_it_asked_for_in_the_form_that_it_knows(
    alice: User, bob: User, service: PushService, drain: Callable[..., int]
) -> None:
    new, old = Mastodon(alice, scopes=["push"]), Mastodon(alice, scopes=["read", "push"])
    phone, tablet = service.device(), service.device()
    first = new.post(PATH, ENTITY, body(phone, "mention"))
    assert (first["standard"], first["policy"]) == (True, "all")
    assert [name for name, on in first["alerts"].items() if on] == ["mention"]
    assert (
        new.get("/api/v2/instance")["configuration"]["vapid"]["public_key"] == (first["server_key"])
    )
    second = old.send("post", PATH, entity=ENTITY, data=form(tablet, "favourite", "mention"))
    assert second.json()["standard"] is False
    tweet = post(bob, "@alice hello")
    marks.like(user=bob, tweet_id=post(alice).pk)
    drain(times=2)
    (received,) = phone.got
    (notification,) = old.get("notifications?types[]=mention")
    assert received.body.pop("icon").startswith("http")
    assert received.body == {
        "access_token": new.token,
        "preferred_locale": "en",
        "notification_id": notification["id"],
        "notification_type": "mention",
        "title": "bob mentioned you",
        "body": tweet.text,
    }
    assert {each.body["notification_type"] for each in tablet.got} == {"favourite", "mention"}
    assert {each.body["access_token"] for each in tablet.got} == {old.token}
    assert old.token not in str(PushSubscription.objects.values_list("token", flat=True))


def test_an_app_hears_of_edits_of_what_was_quoted(
    alice: User, bob: User, service: PushService, drain: Callable[..., int]
) -> None:
    client, phone = Mastodon(alice, scopes=["push"]), service.device()
    found = client.post(PATH, ENTITY, body(phone, "quoted_update"))
    assert [name for name, on in found["alerts"].items() if on] == ["quoted_update"]
    tweet = post(bob)
    post(alice, "look", quote_of_id=tweet.pk)
    edit_tweet(author=bob, tweet_id=tweet.pk, text="after")
    drain()
    (got,) = phone.got
    assert (got.body["notification_type"], got.body["body"]) == ("quoted_update", "after")
    assert got.body["title"] == "bob edited a tweet that you quoted"


def test_a_token_has_one_subscription_which_can_be_changed(
    alice: User, service: PushService
) -> None:
    client = Mastodon(alice, scopes=["push"])
    for method in ("get", "put", "delete"):
        client.send(method, PATH, status=200 if method == "delete" else 404)
    phone = service.device()
    client.post(PATH, ENTITY, body(phone, "mention", "poll"))
    assert client.get(PATH, ENTITY)["endpoint"] == phone.endpoint
    changed = {"data": {"alerts": {"status": "1", "poll": False}, "policy": "followed"}}
    found = client.put(PATH, ENTITY, changed)
    assert [name for name, on in found["alerts"].items() if on] == ["status"]
    assert (found["policy"], found["endpoint"]) == ("followed", phone.endpoint)
    assert client.post(PATH, ENTITY, body(service.device()))["id"] == found["id"]
    assert client.delete(PATH, "Empty") == {}
    client.get(PATH, status=404)


def test_bad_subscriptions_are_refused(alice: User, service: PushService) -> None:
    client, phone = Mastodon(alice, scopes=["push"]), service.device()
    good = body(phone)["subscription"]
    wrong: dict[int, list[dict[str, Any]]] = {
        400: [{}, {"subscription": "x"}, {"subscription": {**good, "endpoint": None}}],
        422: [
            {"subscription": {**good, "endpoint": "http://10.0.0.1/"}},
            {"subscription": {**good, "endpoint": f"https://push.example/{'x' * 3000}"}},
            {"subscription": {**good, "endpoint": ["https://push.example/"]}},
            {"subscription": {**good, "keys": {"p256dh": "AAAA", "auth": "AAAA"}}},
            {"subscription": {**good, "keys": {**phone.keys, "auth": "nonsense"}}},
            {"subscription": good, "data": {"policy": "some"}},
        ],
    }
    for status, bodies in wrong.items():
        for sent in bodies:
            client.post(PATH, "", sent, status=status)
    assert not PushSubscription.objects.exists()
    Mastodon(alice).post(PATH, "", body(phone), status=403)


def test_a_subscription_ends_with_its_token(alice: User, bob: User, service: PushService) -> None:
    ends: list[Callable[[Mastodon], object]] = [
        lambda client: AppToken.objects.all().delete(),
        lambda client: end_sign_ins(alice),
    ]
    for end in ends:
        client, phone = Mastodon(alice, scopes=["push"]), service.device()
        client.post(PATH, ENTITY, body(phone, "mention"))
        notices.posted(tweet_ids=[post(bob, "@alice").pk])
        end(client)
        queue.send_due(user_id=alice.pk, now=timezone.now())
        assert (phone.asked, Push.objects.count()) == (0, 0)
        assert not PushSubscription.objects.exists()
