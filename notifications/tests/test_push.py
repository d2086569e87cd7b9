"""Notifications on devices: what is sent to whom, when, and what push services answer."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from accounts import sessions, tokens
from accounts.models import User
from accounts.signed_in import SignedIn
from chirp.errors import ChirpError
from chirp.outbound import connections
from chirp.outbound.addresses import URL_LENGTH
from filters import services as filters
from filters.matching import Phrase
from notifications import markers, preferences
from notifications import services as notices
from notifications.kinds import Kind
from notifications.push import encryption, queue, subscriptions
from notifications.push.models import Push, PushSubscription
from notifications.push.subscriptions import Device as Described
from people import services as people
from tests.helpers.push_service import Device, PushService, push_service
from tests.helpers.threads import at_once
from tests.helpers.tweets import post
from tweets import marks
from tweets.deleting import delete_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    """The push service of all devices."""
    with push_service() as found:
        settings.OUTBOUND_TEST_SERVERS = (found.address,)
        yield found


def sign_in(user: User, agent: str = "") -> SignedIn:
    """A new sign-in of the user."""
    pair = tokens.issue(user=user, now=timezone.now(), agent=agent)
    return tokens.signed_in(access=pair.access)


def subscribe(user: User, device: Device, here: SignedIn | None = None, **more: Any) -> SignedIn:
    """Let the device get what concerns the user, and return the sign-in that it belongs to."""
    here = here or sign_in(user)
    described = Described(device.endpoint, device.p256dh, device.keys["auth"])
    subscriptions.subscribe(user=user, here=here, device=described, **more)
    return here


@pytest.fixture
def phone(service: PushService, alice: User) -> Device:
    """A device of alice."""
    device = service.device()
    subscribe(alice, device)
    return device


def tell(tweet_id: int) -> None:
    """Settle what a tweet means for those whom it concerns, and send nothing yet."""
    notices.posted(tweet_ids=[tweet_id])


def send(user: User, *, after: timedelta = timedelta(0)) -> None:
    """Send what is due to the devices of the user by then."""
    queue.send_due(user_id=user.pk, now=timezone.now() + after)


def test_a_message_is_encrypted_as_the_standard_has_it() -> None:
    """Appendix A of RFC 8291."""
    private = int.from_bytes(encryption.decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    sealed = encryption.seal(
        b"When I grow up, I want to be a watermelon",
        device=encryption.point_of(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        auth=encryption.auth_of("BTBZMqHH6r4Tts7J_aSIgg"),
        ours=ec.derive_private_key(private, ec.SECP256R1()),
        salt=encryption.decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert encryption.encoded(sealed.body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAm"
        "S6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj"
        "_Qulcy4a-fN"
    )


def test_a_device_gets_what_concerns_its_account_once(
    alice: User, bob: User, service: PushService, phone: Device, drain: Drain
) -> None:
    User.objects.filter(pk=alice.pk).update(language="de")
    older = service.device()
    subscribe(alice, older, standard=False)
    tweet = post(bob, "@alice hello")
    drain(times=2)
    for device in (phone, older):
        (received,) = device.got
        body = received.body
        assert (body["kind"], body["title"], body["body"]) == (
            *("mention", "bob hat dich erwähnt", "@alice hello"),
        )
        assert (body["url"], body["language"]) == (f"/@bob/{tweet.pk}", "de")
    assert not Push.objects.exists()
    assert not PushSubscription.objects.filter(succeeded_at=None).exists()


def test_a_group_is_one_message_and_what_is_back_is_none(
    alice: User, bob: User, charlie: User, service: PushService, drain: Drain
) -> None:
    device = service.device()
    subscribe(alice, device, kinds=[Kind.LIKE])
    tweet = post(alice)
    for fan in (bob, charlie):
        marks.like(user=fan, tweet_id=tweet.pk)
    drain()
    assert device.titles == ["charlie and 1 other liked your tweet"]
    marks.unlike(user=bob, tweet_id=tweet.pk)
    drain()
    marks.like(user=bob, tweet_id=tweet.pk)
    post(bob, "@alice not of this kind")
    drain()
    assert len(device.got) == 1


def test_what_a_reader_would_not_see_is_not_sent(
    alice: User, phone: Device, person: Callable[..., User]
) -> None:
    """All of it happens after the notification was made, and before it is sent."""

    def filter_out(word: str, action: str) -> None:
        phrases = [Phrase(word, whole_word=False)]
        filters.create_filter(
            owner=alice, title=word, phrases=phrases, contexts=["notifications"], action=action
        )

    changes: dict[str, Callable[[User, int], object]] = {
        "blocked": lambda by, tweet: people.block(blocker=alice, blocked=by),
        "muted": lambda by, tweet: people.mute(muter=alice, muted=by),
        "deleted": lambda by, tweet: delete_tweet(author=by, tweet_id=tweet),
        "filtered": lambda by, tweet: filter_out("filtered", "hide"),
        "suspended": lambda by, tweet: accounts.suspend(user=by, by=alice, now=timezone.now()),
        "dismissed": lambda by, tweet: notices.dismiss_everything(user=alice),
        "read": lambda by, tweet: markers.read_notifications(user=alice),
        "off": lambda by, tweet: preferences.change(user=alice, site={Kind.MENTION: False}),
    }
    for name, change in changes.items():
        by = person(name)
        tweet = post(by, f"@alice {name}")
        tell(tweet.pk)
        assert Push.objects.count() == 1, name
        change(by, tweet.pk)
        send(alice)
        assert (phone.titles, Push.objects.count()) == ([], 0), name
    preferences.change(user=alice, site={Kind.MENTION: True})
    filter_out("warned", "warn")
    filter_out("blurred", "blur")
    for word in ("warned", "blurred"):
        tell(post(by, f"@alice {word}").pk)
        send(alice)
    assert [(each.body["title"], each.body["body"]) for each in phone.got] == [
        ("off mentioned you", ""),
        ("off mentioned you", "@alice blurred"),
    ]


def test_a_device_chooses_whose_doings_it_hears_of(
    alice: User, bob: User, charlie: User, service: PushService, drain: Drain
) -> None:
    people.follow(follower=alice, followee=bob)
    people.follow(follower=charlie, followee=alice)
    drain()
    devices = {policy: service.device() for policy in subscriptions.Policy}
    for policy, device in devices.items():
        subscribe(alice, device, policy=policy)
    for author in (bob, charlie):
        post(author, "@alice")
    drain()
    heard = {str(policy): sorted(device.titles) for policy, device in devices.items()}
    assert heard == {
        "all": ["bob mentioned you", "charlie mentioned you"],
        "followed": ["bob mentioned you"],
        "follower": ["charlie mentioned you"],
        "none": [],
    }


def test_devices_end_with_their_sign_in(
    alice: User, bob: User, service: PushService, person: Callable[..., User]
) -> None:
    def at(name: str, end: Callable[[User, SignedIn], object]) -> None:
        user, device = person(name), service.device()
        client = Client()
        client.force_login(user)
        key = client.session.session_key or ""
        sessions.begin(user=user, session_key=key, agent="", address="", now=timezone.now())
        here = SignedIn(user.pk, 0, session_key=key) if "session" in name else sign_in(user)
        subscribe(user, device, here)
        tell(post(bob, f"@{name}").pk)
        assert Push.objects.count() == 1
        end(user, here)
        send(user)
        assert (device.got, Push.objects.count()) == ([], 0), name
        assert not PushSubscription.objects.exists(), name

    at("session_out", lambda user, here: sessions.ended(session_key=here.session_key))
    at("session_expired", lambda user, here: expire(here))
    at("token", lambda user, here: sessions.end(user=user, sign_in_id=str(here.family), address=""))
    at("password", lambda user, here: accounts.set_password(user=user, new="a new long password"))
    at("suspended", lambda user, here: accounts.suspend(user=user, by=bob, now=timezone.now()))
    at("left", lambda user, here: accounts.hide(user=user, now=timezone.now()))


def expire(here: SignedIn) -> int:
    """Let a session expire that nobody has cleaned up yet."""
    return Session.objects.filter(session_key=here.session_key).update(expire_date=timezone.now())


def test_services_that_do_not_take_a_message_are_asked_again_when_they_want_to_be(
    alice: User, bob: User, phone: Device, drain: Drain
) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    phone.refuse(500)
    phone.refuse(429, Retry_After="3600")
    phone.refuse(503, Retry_After=in_an_hour)
    tell(post(bob, "@alice one").pk)
    send(alice)
    assert phone.asked == 1
    tell(post(bob, "@alice two").pk)  # waits for as long
    waits = (timedelta(seconds=29), timedelta(seconds=31))
    for wait in (*waits, timedelta(minutes=59), timedelta(minutes=61)):
        queue.retry(now=timezone.now() + wait)
        send(alice, after=wait)
    assert phone.asked == 3
    send(alice, after=timedelta(hours=3))
    assert [each.body["body"] for each in phone.got] == ["@alice one", "@alice two"]
    (row,) = PushSubscription.objects.all()
    assert (row.failures, row.failing_since, row.resume_at) == (0, None, None)


def test_what_is_in_vain_ends(alice: User, bob: User, phone: Device) -> None:
    phone.refuse(413)
    tell(post(bob, "@alice refused for good").pk)
    send(alice)
    assert (Push.objects.count(), PushSubscription.objects.get().failures) == (0, 1)

    phone.refuse(500)
    tell(post(bob, "@alice too late").pk)
    send(alice)
    queue.retry(now=timezone.now() + queue.LIFETIME)
    assert not Push.objects.exists()

    PushSubscription.objects.update(failures=queue.FAILURES)
    queue.retry(now=timezone.now() + timedelta(days=2))
    assert PushSubscription.objects.exists()
    queue.retry(now=timezone.now() + timedelta(days=4))
    assert not PushSubscription.objects.exists()


def test_a_device_that_its_service_does_not_know_any_more_is_taken_out(
    alice: User, bob: User, service: PushService, drain: Drain
) -> None:
    for status in (404, 410):
        device = service.device()
        subscribe(alice, device)
        device.refuse(status)
        post(bob, "@alice")
        drain()
        assert (device.asked, PushSubscription.objects.count()) == (1, 0)


def test_no_other_network_is_reached_by_a_name(
    alice: User, bob: User, service: PushService, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_TEST_SERVERS = ()
    device = service.device()
    device.endpoint = "https://push.example/abc"
    subscribe(alice, device)
    monkeypatch.setattr(connections, "resolve", lambda host, port: ["10.0.0.1"])
    tell(post(bob, "@alice").pk)
    send(alice)
    assert PushSubscription.objects.get().failures == 1


def test_bad_descriptions_are_refused(alice: User, service: PushService) -> None:
    good, here = service.device(), sign_in(alice)
    off_the_curve = encryption.encoded(b"\x04" + b"\x01" * 64)
    bad = {
        "endpoint": (
            *("", "nonsense", "http://push.example/1", "https://push.example:8443/1"),
            *("ftp://push.example/", "https://localhost/1", "https://127.0.0.1/1"),
            *("https://10.1.2.3/", "https://169.254.169.254/", "https://[::1]/", "https:///x"),
            *("https://user@push.example/", f"https://push.example/{'x' * URL_LENGTH}"),
        ),
        "p256dh": ("", "AAAA", good.p256dh[:-2], f"{good.p256dh}AA", off_the_curve, "é", "B!" * 44),
        "auth": ("", "AAAA", good.keys["auth"] + "AA", "*" * 22),
    }
    for field, values in bad.items():
        for value in values:
            described = Described(good.endpoint, good.p256dh, good.keys["auth"])
            with pytest.raises(ChirpError) as refused:
                subscriptions.subscribe(
                    user=alice, here=here, device=described._replace(**{field: value})
                )
            assert refused.value.at == field, value
    padded = good.keys["auth"] + "=="
    described = Described(good.endpoint, urlsafe(good.p256dh), padded)
    subscriptions.subscribe(user=alice, here=here, device=described)
    with pytest.raises(subscriptions.NotSignedInHere):
        subscribe(alice, good, SignedIn(alice.pk, 0, session_key="nobody"))


def urlsafe(text: str) -> str:
    """The same in the other alphabet, padded."""
    return text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)


def test_a_browser_belongs_to_whoever_signed_in_last(
    alice: User, bob: User, service: PushService
) -> None:
    browser = service.device()
    subscribe(alice, browser)
    subscribe(bob, browser)
    assert [row.user_id for row in PushSubscription.objects.all()] == [bob.pk]


@pytest.mark.django_db(transaction=True)
def test_devices_at_once_are_one_for_a_sign_in_and_few_for_an_account(
    alice: User, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "MOST", 3)
    here = sign_in(alice)
    assert at_once([lambda: subscribe(alice, service.device(), here) for _ in range(4)]) == []
    assert PushSubscription.objects.count() == 1
    assert at_once([lambda: subscribe(alice, service.device()) for _ in range(4)]) == []
    assert PushSubscription.objects.count() == 3
    assert not PushSubscription.objects.filter(family=here.family).exists()
