"""Who may reply and quote, and detached quotes, through the API."""

from typing import Any

import pytest

from accounts.defaults import QUOTES_FROM
from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import post
from tweets import marks
from tweets.controls import QuotesFrom
from tweets.models import Tweet

pytestmark = pytest.mark.django_db


def tweet_of(user: User | None, tweet: Tweet) -> Any:
    """The JSON of a tweet."""
    return Api(user).get(f"/api/tweets/{tweet.pk}").json()


@pytest.mark.parametrize("field", ["replies_from", "quotes_from"])
@pytest.mark.parametrize("value", ["friends", 1, [], {}, None, ""])
def test_a_bad_control_is_refused(alice: User, field: str, value: Any) -> None:
    answer = Api(alice).post("/api/tweets", {"text": "x", field: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_only_a_first_tweet_can_limit_replies(alice: User) -> None:
    new = {"text": "x", "reply_to_id": str(post(alice).pk)}
    answer = Api(alice).post("/api/tweets", {**new, "replies_from": "nobody"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["replies_from"])
    assert Api(alice).post("/api/tweets", {**new, "replies_from": "everyone"}).status_code == 201
    first = {"text": "x", "replies_from": "nobody"}
    thread = Api(alice).post("/api/threads", {"tweets": [first, {"text": "y"}]}).json()["tweets"]
    assert [tweet["replies_from"] for tweet in thread] == ["nobody", "nobody"]


def test_the_tweet_says_what_the_viewer_may_do(alice: User, bob: User) -> None:
    answer = Api(alice).post(
        "/api/tweets", {"text": "x", "replies_from": "mentioned", "quotes_from": "followers"}
    )
    assert (answer.json()["replies_from"], answer.json()["quotes_from"]) == (
        *("mentioned", "followers"),
    )
    tweet = Tweet.objects.get()
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    for seen in (tweet_of(bob, tweet), tweet_of(bob, repost)):
        assert (seen["viewer"]["may_reply"], seen["viewer"]["may_quote"]) == (False, False)
        assert seen["replies_from"] == "mentioned"
    assert tweet_of(alice, tweet)["viewer"]["may_reply"] is True
    refused = Api(bob).post("/api/tweets", {"text": "x", "reply_to_id": str(tweet.pk)})
    assert (refused.status_code, list(refused.json()["fields"])) == (403, ["reply_to_id"])
    refused = Api(bob).post("/api/tweets", {"text": "x", "quote_of_id": str(tweet.pk)})
    assert (refused.status_code, list(refused.json()["fields"])) == (403, ["quote_of_id"])
    people.follow(follower=bob, followee=alice)
    assert tweet_of(bob, tweet)["viewer"]["may_quote"] is True


def test_a_detached_quote_shows_nothing_to_anybody(alice: User, bob: User, charlie: User) -> None:
    tweet = post(alice)
    quote = post(bob, quote_of_id=tweet.pk)
    path = f"/api/tweets/{tweet.pk}/quotes/{quote.pk}"
    for _ in range(2):
        answer = Api(alice).delete(path)
        assert (answer.status_code, answer.json()["id"]) == (200, str(tweet.pk))
        assert answer.json()["counts"]["quotes"] == 0
    for viewer in (alice, bob, charlie, None):
        assert tweet_of(viewer, quote)["quote_of"] is None
    # Also on a page that has the quoted tweet itself.
    people.follow(follower=charlie, followee=alice)
    people.follow(follower=charlie, followee=bob)
    home = Api(charlie).get("/api/timelines/home").json()["results"]
    assert [entry["quote_of"] for entry in home] == [None, None]


def test_only_the_author_of_the_quoted_tweet_can_detach_it(alice: User, bob: User) -> None:
    tweet, other = post(alice), post(alice)
    quote = post(bob, quote_of_id=tweet.pk)
    path = f"/api/tweets/{tweet.pk}/quotes/{quote.pk}"
    assert Api().delete(path).status_code == 401
    assert Api(bob).delete(path).status_code == 404
    assert Api(alice).delete(f"/api/tweets/{other.pk}/quotes/{quote.pk}").status_code == 404
    assert Api(alice).delete(f"/api/tweets/{tweet.pk}/quotes/{other.pk}").status_code == 404
    assert Api(alice).delete(f"/api/tweets/{tweet.pk}/quotes/x").status_code == 404
    assert tweet_of(bob, quote)["quote_of"] is not None


def test_a_tweet_without_a_choice_has_that_of_its_author(alice: User) -> None:
    api = Api(alice)
    before = api.post("/api/tweets", {"text": "before"}).json()
    assert (api.get("/api/me").json()["quotes_from"], before["quotes_from"]) == ("everyone",) * 2
    assert api.patch("/api/me", {"quotes_from": "nobody"}).json()["quotes_from"] == "nobody"
    for choice, expected in (({}, "nobody"), ({"quotes_from": "followers"}, "followers")):
        made = api.post("/api/tweets", {"text": f"then {expected}", **choice})
        assert made.json()["quotes_from"] == expected
    thread = api.post("/api/threads", {"tweets": [{"text": "one"}, {"text": "two"}]}).json()
    assert {each["quotes_from"] for each in thread["tweets"]} == {"nobody"}
    assert api.get(f"/api/tweets/{before['id']}").json()["quotes_from"] == "everyone"
    assert api.patch("/api/me", {"quotes_from": "friends"}).status_code == 400


def test_the_choices_of_accounts_are_those_of_tweets() -> None:
    assert tuple(QuotesFrom) == QUOTES_FROM
