"""Pins, muted conversations and removed followers through the API."""

from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import at_once, post
from tweets import deleting, marks
from tweets.models import ConversationMute, Pin, Tweet
from tweets.pins import MAX_PINS

pytestmark = pytest.mark.django_db


def pin(user: User | None, tweet: Tweet) -> Any:
    """The response to a PUT of a pin."""
    return Api(user).put(f"/api/tweets/{tweet.pk}/pin")


def pinned(viewer: User | None, handle: str = "alice") -> list[int]:
    """The ids of the pinned tweets of a profile."""
    results = Api(viewer).get(f"/api/users/{handle}/pinned").json()["results"]
    return [int(tweet["id"]) for tweet in results]


class TestPins:
    """/api/tweets/{id}/pin and /api/users/{handle}/pinned."""

    def test_the_latest_pin_is_first(self, alice: User, bob: User) -> None:
        old, new = post(alice), post(alice)
        assert pin(alice, new).json()["viewer"]["pinned"] is True
        assert [pin(alice, old).status_code for _ in range(2)] == [200, 200]
        assert pinned(bob) == pinned(None) == [old.pk, new.pk]
        assert Api(bob).get(f"/api/tweets/{old.pk}").json()["viewer"]["pinned"] is False
        for _ in range(2):
            answer = Api(alice).delete(f"/api/tweets/{old.pk}/pin")
            assert answer.json()["viewer"]["pinned"] is False
        assert pinned(None) == [new.pk]

    def test_only_those_who_may_see_a_tweet_see_its_pin(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        tweet = post(alice, visibility="followers")
        pin(alice, tweet)
        people.follow(follower=bob, followee=alice)
        assert (pinned(bob), pinned(charlie), pinned(None)) == ([tweet.pk], [], [])
        people.block(blocker=alice, blocked=charlie)
        assert Api(charlie).get("/api/users/alice/pinned").status_code == 403
        assert Api().get("/api/users/nobody/pinned").status_code == 404
        deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
        assert pinned(alice) == []

    def test_what_cannot_be_pinned(self, alice: User, bob: User) -> None:
        other = post(bob)
        assert pin(None, other).status_code == 401
        assert pin(alice, other).status_code == 403
        assert pin(alice, marks.repost(user=alice, tweet_id=other.pk)).status_code == 403
        assert pin(alice, post(alice, "@bob", visibility="direct")).status_code == 403
        assert pin(alice, post(bob, visibility="followers")).status_code == 404
        assert Api(alice).put("/api/tweets/x/pin").status_code == 404

    def test_five_are_the_most_and_those_that_are_gone_do_not_count(self, alice: User) -> None:
        tweets = [post(alice) for _ in range(MAX_PINS + 1)]
        answers = [pin(alice, tweet) for tweet in tweets]
        assert [answer.status_code for answer in answers] == [*[200] * MAX_PINS, 409]
        assert pin(alice, tweets[0]).status_code == 200
        deleting.delete_tweet(author=alice, tweet_id=tweets[0].pk)
        assert pin(alice, tweets[-1]).status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_pins_at_once_are_at_most_five(self, alice: User) -> None:
        tweets = [post(alice) for _ in range(MAX_PINS + 3)]
        answers: list[Any] = at_once([partial(pin, alice, tweet) for tweet in tweets])
        assert sorted(answer.status_code for answer in answers) == [*[200] * MAX_PINS, *[409] * 3]
        assert Pin.objects.count() == MAX_PINS

    def test_the_queries_do_not_grow_with_the_pins(self, alice: User, bob: User) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                pinned(bob)
            return len(captured)

        pin(alice, post(alice))
        few = queries()
        for _ in range(3):
            pin(alice, post(alice))
        assert queries() == few


class TestMutes:
    """/api/tweets/{id}/mute."""

    def test_it_is_the_whole_conversation_that_is_muted(self, alice: User, bob: User) -> None:
        root = post(alice)
        reply = post(bob, reply_to_id=root.pk)
        for _ in range(2):
            answer = Api(alice).put(f"/api/tweets/{reply.pk}/mute")
            assert (answer.status_code, answer.json()["viewer"]["muted"]) == (200, True)
        assert Api(alice).get(f"/api/tweets/{root.pk}").json()["viewer"]["muted"] is True
        assert Api(bob).get(f"/api/tweets/{root.pk}").json()["viewer"]["muted"] is False
        muted = ConversationMute.objects.filter(conversation_id=root.pk)
        assert [row.user_id for row in muted] == [alice.pk]
        answer = Api(alice).delete(f"/api/tweets/{root.pk}/mute")
        assert answer.json()["viewer"]["muted"] is False
        assert not muted.all()

    def test_a_repost_is_the_conversation_of_its_original(self, alice: User, bob: User) -> None:
        repost = marks.repost(user=bob, tweet_id=post(alice).pk)
        assert Api(alice).put(f"/api/tweets/{repost.pk}/mute").json()["viewer"]["muted"] is True
        assert Api(alice).get(f"/api/tweets/{repost.pk}").json()["viewer"]["muted"] is True
        assert Api(alice).delete(f"/api/tweets/{repost.pk}/mute").status_code == 200
        assert not ConversationMute.objects.exists()

    def test_who_may_mute_and_that_it_can_be_undone_later(self, alice: User, bob: User) -> None:
        tweet, path = post(alice), "/api/tweets/{}/mute"
        assert Api().put(path.format(tweet.pk)).status_code == 401
        hidden = post(alice, visibility="followers")
        assert Api(bob).put(path.format(hidden.pk)).status_code == 404
        assert Api(bob).put(path.format("x")).status_code == 404
        Api(bob).put(path.format(tweet.pk))
        people.block(blocker=alice, blocked=bob)
        answers = [Api(bob).delete(path.format(tweet.pk)).status_code for _ in range(2)]
        assert answers == [204, 204]

    @pytest.mark.django_db(transaction=True)
    def test_mutes_at_once_are_one(self, alice: User) -> None:
        path = f"/api/tweets/{post(alice).pk}/mute"
        answers: list[Any] = at_once([lambda: Api(alice).put(path)] * 5)
        assert {answer.status_code for answer in answers} == {200}
        assert ConversationMute.objects.count() == 1


class TestRemovingAFollower:
    """DELETE /api/users/{handle}/followed-by."""

    def test_they_follow_no_longer(self, alice: User, bob: User) -> None:
        people.follow(follower=bob, followee=alice)
        people.follow(follower=alice, followee=bob)
        for _ in range(2):
            answer = Api(alice).delete("/api/users/bob/followed-by")
            assert answer.status_code == 200
            assert (answer.json()["followed_by"], answer.json()["following"]) == (False, True)
        alice.refresh_from_db()
        assert alice.followers_count == 0

    def test_its_errors(self, alice: User) -> None:
        assert Api().delete("/api/users/alice/followed-by").status_code == 401
        assert Api(alice).delete("/api/users/nobody/followed-by").status_code == 404
        assert Api(alice).delete("/api/users/alice/followed-by").status_code == 400
