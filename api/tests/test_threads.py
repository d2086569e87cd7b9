"""Threads through the API: all of their tweets or none."""

from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import at_once, post
from tweets.models import Tweet
from tweets.threads import MAX_TWEETS

pytestmark = pytest.mark.django_db


def send(author: User, *tweets: Any, **headers: str) -> Any:
    """The response to a POST of a thread."""
    return Api(author).post("/api/threads", {"tweets": tweets}, **headers)


def test_each_tweet_answers_the_one_before(alice: User, bob: User) -> None:
    root = post(bob)
    answer = send(alice, {"text": "One", "reply_to_id": str(root.pk)}, {"text": "Two @bob"})
    assert answer.status_code == 201
    one, two = answer.json()["tweets"]
    assert (one["text"], two["text"]) == ("One", "Two @bob")
    assert (one["reply_to_id"], two["reply_to_id"]) == (str(root.pk), one["id"])
    assert {one["conversation_id"], two["conversation_id"]} == {str(root.pk)}
    assert (one["counts"]["replies"], two["counts"]["replies"]) == (1, 0)
    assert 'href="/@bob"' in two["html"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tweets"),
        ({"tweets": None}, "tweets"),
        ({"tweets": "x"}, "tweets"),
        ({"tweets": {}}, "tweets"),
        ({"tweets": []}, "tweets"),
        ({"tweets": [{"text": "x"}] * (MAX_TWEETS + 1)}, "tweets"),
        ({"tweets": [{"text": "x"}, "x"]}, "tweets.1"),
        ({"tweets": [{"text": "x"}, None]}, "tweets.1"),
        ({"tweets": [{"text": "x"}, {}]}, "tweets.1.text"),
        ({"tweets": [{"text": "x"}, {"text": 5}]}, "tweets.1.text"),
        ({"tweets": [{"text": "x"}, {"text": " "}]}, "tweets.1.text"),
        ({"tweets": [{"text": "x" * 501}, {"text": "x"}]}, "tweets.0.text"),
        ({"tweets": [{"text": "x"}, {"text": "y", "reply_to_id": "5"}]}, "tweets.1.reply_to_id"),
        ({"tweets": [{"text": "x"}, {"text": "y", "quote_of_id": "5"}]}, "tweets.1.quote_of_id"),
        ({"tweets": [{"text": "x"}, {"text": "y", "language": "?"}]}, "tweets.1.language"),
    ],
)
def test_a_bad_tweet_is_named_and_nothing_is_posted(alice: User, body: Any, field: str) -> None:
    answer = Api(alice).post("/api/threads", body)
    assert answer.status_code == 400
    assert [name.removesuffix(".non_field_errors") for name in answer.json()["fields"]] == [field]
    alice.refresh_from_db()
    assert (Tweet.objects.count(), alice.tweets_count) == (0, 0)


def test_it_is_refused_as_one_of_its_tweets_would_be(alice: User, bob: User) -> None:
    secret = post(bob, visibility="followers")
    answer = send(alice, {"text": "x"}, {"text": "y", "quote_of_id": str(secret.pk)})
    assert answer.status_code == 400
    people.block(blocker=alice, blocked=bob)
    answer = send(alice, {"text": "x", "reply_to_id": str(post(bob).pk)}, {"text": "y"})
    assert answer.status_code == 403
    assert list(answer.json()["fields"]) == ["tweets.0.reply_to_id"]
    assert not Tweet.objects.filter(author=alice).exists()


def test_it_requires_an_account() -> None:
    assert Api().post("/api/threads", {"tweets": [{"text": "x"}]}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_equal_requests_that_race_post_one_thread(alice: User) -> None:
    key = {"Idempotency-Key": "k"}
    thread = ({"text": "One"}, {"text": "Two"})
    answers: list[Any] = at_once([partial(send, alice, *thread, **key)] * 5)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert Tweet.objects.count() == 2


def test_each_tweet_of_a_thread_counts_as_a_write(alice: User, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": (5, 300)}
    assert send(alice, *[{"text": str(number)} for number in range(6)]).status_code == 429
    assert Tweet.objects.count() == 0
