"""Streams of the native API, served by their own process on real servers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from accounts import tokens
from accounts.models import User
from chirp.redis import live_log
from chirp.redis.client import client as redis
from filters.matching import Phrase
from filters.models import Action, Context
from filters.services import create_filter
from lists.hashtags import follow_hashtag
from notifications.markers import read_notifications
from people import services as people
from tests.helpers.stream_client import Listener
from tests.helpers.tweets import post
from timelines.models import PulledAuthor
from tweets.deleting import delete_tweet
from tweets.editing import edit_tweet
from tweets.marks import like, repost

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]


@pytest.fixture
def listen(port: int) -> Iterator[Callable[..., Listener]]:
    """Opens streams: `listen(alice)`, `listen(alice, after="...")`."""
    opened: list[Listener] = []

    def start(user: User, *, query: str = "", after: str = "") -> Listener:
        access = tokens.issue(user=user, now=timezone.now()).access
        headers = {"Authorization": f"Bearer {access}", "Accept": "text/event-stream"}
        if after:
            headers["Last-Event-ID"] = after
        opened.append(Listener(port, headers, f"/api/stream{query}"))
        assert opened[-1].status == 200, opened[-1].body
        opened[-1].wait_id()
        return opened[-1]

    yield start
    for listener in opened:
        listener.close()


def test_home_hears_of_tweets_edits_and_deletions(
    tell: Callable[[], int], listen: Callable[..., Listener], alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=bob, followee=alice)
    reader, author, stranger = listen(bob), listen(alice), listen(charlie)
    tweet = post(alice, "hello")
    tell()
    for listener in (reader, author):
        assert listener.wait("home", id=str(tweet.pk))["text"] == "hello"
    edit_tweet(author=alice, tweet_id=tweet.pk, text="goodbye")
    tell()
    assert reader.wait("edit", id=str(tweet.pk))["text"] == "goodbye"
    like(user=bob, tweet_id=tweet.pk)
    tell()
    noticed = author.wait("notification", kind="like")
    assert (noticed["actors"][0]["handle"], noticed["tweet"]["id"]) == ("bob", str(tweet.pk))
    assert author.wait("unread")["notifications"] == 1
    read_notifications(user=alice)
    tell()
    author.wait("unread", notifications=0)
    delete_tweet(author=alice, tweet_id=tweet.pk)
    last = post(charlie, "last")
    tell()
    assert reader.wait("delete") == {"id": str(tweet.pk)}
    author.wait("notification_gone", id=noticed["id"])
    stranger.wait("home", id=str(last.pk))
    assert stranger.names() == ["home"], "charlie follows nobody"


def test_nothing_leaves_that_home_would_not_show(
    tell: Callable[[], int],
    listen: Callable[..., Listener],
    person: Callable[..., User],
    alice: User,
    bob: User,
    charlie: User,
) -> None:
    """The rules of home are applied for each reader, while others hear of the same tweets."""
    readers = {
        name: person(name) for name in ("plain", "muting", "blocking", "filtering", "tagged")
    }
    for reader in readers.values():
        people.follow(follower=reader, followee=alice)
    people.mute(muter=readers["muting"], muted=alice)
    people.block(blocker=readers["blocking"], blocked=alice)
    words = [Phrase("secret", whole_word=True)]
    create_filter(
        owner=readers["filtering"],
        title="no",
        phrases=words,
        contexts=[Context.HOME],
        action=Action.HIDE,
    )
    people.unfollow(follower=readers["tagged"], followee=alice)
    follow_hashtag(user=readers["tagged"], tag="secret")
    listeners = {name: listen(reader) for name, reader in readers.items()}
    tweet = post(alice, "a secret #secret")
    private = post(alice, "for followers", visibility="followers")
    reply = post(alice, "to charlie", reply_to_id=post(charlie, "hi").pk)
    direct = post(alice, "@plain only you", visibility="direct")
    tell()
    lasts = {name: post(reader, "last") for name, reader in readers.items()}
    tell()
    heard = {}
    for name, listener in listeners.items():
        listener.wait("home", id=str(lasts[name].pk))
        heard[name] = {data["id"] for kind, data in listener.events if kind == "home"}
        heard[name] -= {str(lasts[name].pk)}
    assert heard == {
        "plain": {str(tweet.pk), str(private.pk), str(direct.pk)},
        "muting": set(),
        "blocking": set(),
        "filtering": {str(private.pk)},
        "tagged": {str(tweet.pk)},
    }
    # Who may not be in home may still write to somebody.
    charlie_to_muting = post(charlie, "@muting psst", visibility="direct")
    post(alice, "@muting not from me", visibility="direct")
    tell()
    shown = listeners["muting"].wait("conversation")["tweet"]["id"]
    assert shown == str(charlie_to_muting.pk)
    assert listeners["plain"].wait("conversation")["tweet"]["id"] == str(direct.pk)
    assert not any(str(reply.pk) in ids for ids in heard.values())


def test_a_celebritys_tweet_reaches_those_who_pull_it(
    tell: Callable[[], int], listen: Callable[..., Listener], alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    PulledAuthor.objects.create(author=alice, state=PulledAuthor.State.PULLED)
    listener = listen(bob)
    tweet = post(alice)
    tell()
    listener.wait("home", id=str(tweet.pk))


def test_a_client_gets_what_it_missed_or_has_to_read_again(
    tell: Callable[[], int], listen: Callable[..., Listener], alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    first = listen(bob)
    seen = post(alice, "seen")
    before = first.last_id
    tell()
    first.wait("home", id=str(seen.pk))
    position = first.wait_id(beyond=before)
    first.close()
    missed, gone = post(alice, "missed"), post(alice, "gone")
    delete_tweet(author=alice, tweet_id=gone.pk)
    like(user=alice, tweet_id=missed.pk)
    tell()
    again = listen(bob, after=position)
    again.wait("home", id=str(missed.pk))
    again.wait("delete", id=str(gone.pk))
    assert again.names() == ["home", "delete"], "what was seen does not come again"
    by_query = listen(bob, query=f"?last_event_id={position}")
    by_query.wait("home", id=str(missed.pk))
    for bad in ("nonsense", "00000000-1-0", "00000000-" + "9" * 30 + "-0", "x" * 5000):
        assert listen(bob, after=bad).wait("reset") == {}, bad
    redis().delete(live_log.KEY)
    assert listen(bob, after=position).wait("reset") == {}


def test_counts_come_of_what_is_on_screen_and_may_be_seen(
    tell: Callable[[], int], listen: Callable[..., Listener], alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=charlie, followee=alice)
    tweet, private = post(alice), post(alice, "for followers", visibility="followers")
    watch = f"?watch={tweet.pk},{private.pk}"
    watching, follower = listen(bob, query=watch), listen(charlie, query=watch)
    like(user=alice, tweet_id=private.pk)
    tell()
    like(user=charlie, tweet_id=tweet.pk)
    tell()
    follower.wait("counts", id=str(private.pk))
    assert watching.wait("counts", id=str(tweet.pk))["counts"]["likes"] == 1
    assert watching.names() == ["counts"]
    repost(user=charlie, tweet_id=tweet.pk)
    tell()
    counts = {"likes": 1, "reposts": 1, "quotes": 0, "replies": 0}
    watching.wait("counts", id=str(tweet.pk), counts=counts)


def test_a_stream_ends_with_its_sign_in(
    tell: Callable[[], int], port: int, alice: User, bob: User
) -> None:
    by_token = tokens.issue(user=alice, now=timezone.now())
    bearer = Listener(port, {"Authorization": f"Bearer {by_token.access}"})
    client = Client()
    client.force_login(alice)
    cookie = Listener(port, {"Cookie": f"sessionid={client.cookies['sessionid'].value}"})
    client = Client()
    client.force_login(bob)
    other = Listener(port, {"Cookie": f"sessionid={client.cookies['sessionid'].value}"})
    for listener in (bearer, cookie, other):
        listener.wait_id()
    tokens.revoke(refresh=by_token.refresh)
    tell()
    bearer.wait_end()
    assert not cookie.ended
    accounts.suspend(user=alice, by=bob, now=timezone.now())
    tell()
    cookie.wait_end()
    key = client.session.session_key or ""
    accounts.sign_out(user=bob, session_key=key, address="")
    tell()
    other.wait_end()
    again = Listener(port, {"Cookie": f"sessionid={key}"})
    assert again.status == 401


def test_bad_requests_are_refused(
    port: int, alice: User, client: Client, settings: Any, listen: Callable[..., Listener]
) -> None:
    assert Listener(port, {}).status == 401
    assert Listener(port, {"Authorization": "Bearer nonsense"}).status == 401
    access = tokens.issue(user=alice, now=timezone.now()).access
    headers = {"Authorization": f"Bearer {access}"}
    for watch in ("x", "1,,2", "-1", ",".join(["1"] * 101)):
        refused = Listener(port, headers, f"/api/stream?watch={watch}")
        assert (refused.status, b'"watch"' in refused.body) == (400, True), watch
    assert Listener(port, headers, "/api/stream/x").status == 404
    assert Listener(port, {**headers, "Host": "evil.example"}).status == 400
    for _ in range(settings.STREAMS_PER_ACCOUNT):
        listen(alice)
    refused = Listener(port, headers)
    assert (refused.status, refused.response.headers["Retry-After"]) == (429, "30")
    # A web process that cannot hand over has no streams.
    away = client.get("/api/stream", headers=headers)
    assert (away.status_code, away["Retry-After"]) == (503, "5")
