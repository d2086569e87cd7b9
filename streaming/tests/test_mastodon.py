"""Streams of Mastodon's API: server-sent events, and WebSockets with several streams."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from accounts.oauth import services as oauth
from lists.services import add_member, create_list
from people import services as people
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.mastodon_entities import check
from tests.helpers.stream_client import Listener
from tests.helpers.tweets import post
from tweets.deleting import delete_tweet
from tweets.editing import edit_tweet
from tweets.marks import like

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]
Tell = Callable[[], int]
SECONDS = 30


@contextmanager
def socket(port: int, query: str = "", **options: Any) -> Iterator[ClientConnection]:
    """An open WebSocket."""
    url = f"ws://127.0.0.1:{port}/api/v1/streaming{query}"
    with connect(url, open_timeout=SECONDS, **options) as opened:
        yield opened


def received(opened: ClientConnection) -> dict[str, Any]:
    """The next message."""
    message: dict[str, Any] = json.loads(opened.recv(SECONDS))
    return message


def test_events_for_an_app(port: int, tell: Tell, alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    headers = {"Authorization": f"Bearer {Mastodon(bob).token}"}
    user = Listener(port, headers, "/api/v1/streaming/user")
    by_query = Listener(
        port, {}, f"/api/v1/streaming/user/notification?access_token={Mastodon(bob).token}"
    )
    hashtag = Listener(port, headers, "/api/v1/streaming/hashtag/?tag=Cats")
    media = Listener(port, headers, "/api/v1/streaming/public?only_media=true")
    for listener in (user, by_query, hashtag, media):
        assert listener.status == 200
        assert listener.response.headers["Access-Control-Allow-Origin"] == "*"
    tweet, other = post(alice, "@bob hello #cats"), post(bob, "no cats")
    tell()
    check(user.wait("update", id=str(tweet.pk)), "Status")
    notification = user.wait("notification")
    check(notification, "Notification")
    assert by_query.wait("notification") == notification
    user.wait("update", id=str(other.pk))
    edit_tweet(author=alice, tweet_id=tweet.pk, text="@bob bye #cats")
    tell()
    user.wait("status.update", id=str(tweet.pk))
    like(user=alice, tweet_id=other.pk)
    delete_tweet(author=alice, tweet_id=tweet.pk)
    tell()
    for listener in (user, hashtag):
        listener.wait_for(lambda events: ("delete", tweet.pk) in events)
    assert by_query.wait("notification", type="favourite")["account"]["username"] == "alice"
    assert hashtag.names() == ["update", "status.update", "delete"]
    assert media.names() == []


def test_a_socket_has_several_streams_and_hears_of_nothing_else(
    port: int, tell: Tell, alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=bob, followee=alice)
    friends = create_list(owner=bob, name="friends", private=True)
    add_member(owner=bob, list_id=friends.pk, user=charlie)
    token = Mastodon(bob).token
    with socket(port, subprotocols=[token]) as opened:
        assert opened.subprotocol == token
        for wrong in ("nonsense", "[]", '{"type": "subscribe", "stream": "x"}'):
            opened.send(wrong)
            assert received(opened) == {"error": "Unknown stream type", "status": 400}, wrong
        opened.send(json.dumps({"type": "subscribe", "stream": "list", "list": "1234"}))
        assert received(opened)["status"] == 404
        for stream in ({"stream": "user"}, {"stream": "list", "list": str(friends.pk)}):
            opened.send(json.dumps({"type": "subscribe", **stream}))
        opened.send("{}")
        received(opened)  # the answer to what is wrong: the others were heard before
        private = post(charlie, "for followers", visibility="followers")
        listed, home = post(charlie, "listed"), post(alice, "@bob home")
        tell()
        messages = [received(opened) for _ in range(3)]
        assert [(m["stream"], m["event"]) for m in messages] == [
            (["list", str(friends.pk)], "update"),
            (["user"], "update"),
            (["user"], "notification"),
        ]
        payloads = [json.loads(message["payload"]) for message in messages]
        assert [payloads[0]["id"], payloads[1]["id"]] == [str(listed.pk), str(home.pk)]
        assert str(private.pk) not in str(payloads)
        opened.send(json.dumps({"type": "unsubscribe", "stream": "user"}))
        opened.send("{}")
        received(opened)
        post(alice, "not heard")
        delete_tweet(author=charlie, tweet_id=listed.pk)
        last = post(charlie, "last")
        tell()
        assert json.loads(received(opened)["payload"])["id"] == str(last.pk)
        app = oauth.authorized_apps(user=bob)[0].app
        oauth.revoke_app(user=bob, app_id=app.pk)
        tell()
        with pytest.raises(ConnectionClosed):
            opened.recv(SECONDS)


def test_who_may_not_listen_is_refused_before_the_upgrade(port: int, alice: User) -> None:
    narrow = Mastodon(alice, scopes=["read:statuses"]).token
    refused = {
        "?access_token=nonsense": 401,
        "": 401,
        f"?access_token={narrow}&stream=user": 403,
        f"?access_token={narrow}&stream=nonsense": 400,
        f"?access_token={narrow}&stream=hashtag": 400,
        f"?access_token={narrow}&stream=list&list=12": 404,
    }
    for query, status in refused.items():
        with pytest.raises(InvalidStatus) as error, socket(port, query):
            pass
        assert error.value.response.status_code == status, query
    assert Listener(port, {}, f"/api/v1/streaming?access_token={narrow}").status == 404
    health = Listener(port, {}, "/api/v1/streaming/health")
    assert (health.status, health.body) == (200, b"OK")
    with socket(port, f"?access_token={narrow}&stream=public:local"):
        pass
