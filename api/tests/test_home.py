"""`GET /api/timelines/home`, as an API client sees it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from timelines import celebrities, services, store
from tweets import marks
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
HOME = "/api/timelines/home"


def follow(link: str, api: Api) -> Any:
    """The page at the `next` or `previous` URL of another page."""
    parts = urlsplit(link)
    return api.get(f"{parts.path}?{parts.query}").json()


@pytest.fixture(autouse=True)
def _bob_follows_alice(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()


def test_it_contains_the_tweets_of_followees_in_the_documented_format(
    alice: User, bob: User, drain: Drain
) -> None:
    tweet = post_tweet(author=alice, text="hello @bob")
    marks.like(user=bob, tweet_id=tweet.pk)
    drain()
    page = Api(bob).get(HOME).json()
    assert (page["next"], page["previous"]) == (None, None)
    (tweet_json,) = page["results"]
    assert tweet_json["id"] == str(tweet.pk)
    assert tweet_json["author"]["handle"] == "alice"
    assert tweet_json["url"] == f"http://testserver/@alice/{tweet.pk}"
    assert tweet_json["counts"] == {"likes": 1, "reposts": 0, "quotes": 0, "replies": 0}
    assert tweet_json["viewer"]["liked"] is True
    assert 'href="/@bob"' in tweet_json["html"]


def test_next_and_previous_lead_from_page_to_page(alice: User, bob: User, drain: Drain) -> None:
    ids = [str(post_tweet(author=alice, text="x").pk) for _ in range(5)][::-1]
    drain()
    first = Api(bob).get(f"{HOME}?limit=2").json()
    second = follow(first["next"], Api(bob))
    third = follow(second["next"], Api(bob))
    pages = [first, second, third]
    assert [[t["id"] for t in page["results"]] for page in pages] == [ids[:2], ids[2:4], ids[4:]]
    assert third["next"] is None
    assert first["previous"] is None
    back = follow(second["previous"], Api(bob))
    assert back["results"] == first["results"]


def test_a_repost_contains_the_original_and_its_counts(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    tweet = post_tweet(author=charlie, text="news")
    repost = marks.repost(user=alice, tweet_id=tweet.pk)
    drain()
    (tweet_json,) = Api(bob).get(HOME).json()["results"]
    assert (tweet_json["id"], tweet_json["text"]) == (str(repost.pk), "")
    assert tweet_json["repost_of"]["id"] == str(tweet.pk)
    assert tweet_json["repost_of"]["text"] == "news"
    assert tweet_json["counts"]["reposts"] == 1


def test_a_quote_of_a_muted_author_contains_only_the_id(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    tweet = post_tweet(author=charlie, text="news")
    post_tweet(author=alice, text="look", quote_of_id=tweet.pk)
    drain()
    assert Api(bob).get(HOME).json()["results"][0]["quote_of"]["text"] == "news"
    people.mute(muter=bob, muted=charlie)
    (tweet_json,) = Api(bob).get(HOME).json()["results"]
    assert (tweet_json["quote_of_id"], tweet_json["quote_of"]) == (str(tweet.pk), None)


def test_an_anonymous_visitor_has_no_home_timeline() -> None:
    answer = Api().get(HOME)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"] == "not_authenticated"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=", "limit"),
        ("limit=%00", "limit"),
        ("limit=١", "limit"),
        ("cursor=", "cursor"),
        ("cursor=zzz", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=YjE%3D", "cursor"),
        ("cursor=" + "A" * 5000, "cursor"),
        ("cursor=%ff%fe", "cursor"),
    ],
)
def test_an_invalid_page_parameter_is_named_in_the_error(query: str, field: str, bob: User) -> None:
    answer = Api(bob).get(f"{HOME}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize("tweets", [1, 20])
def test_a_warm_read_takes_as_many_queries_for_one_tweet_as_for_twenty(
    tweets: int,
    alice: User,
    bob: User,
    drain: Drain,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(tweets):
        post_tweet(author=alice, text="x")
    drain()
    services.populate(viewer_id=bob.pk)
    reader = Api(bob)
    with django_assert_num_queries(2):  # the viewer with the followed celebrities, and the tweets
        answer = reader.get(HOME)
    assert len(answer.json()["results"]) == tweets


def by_token(reader: User) -> Any:
    return Api(reader).get(HOME)


def by_session(reader: User) -> Any:
    browser = Client()
    browser.force_login(reader)
    return browser.get(HOME)


@pytest.mark.parametrize("read", [by_token, by_session])
def test_pulled_tweets_are_included_for_tokens_and_for_sessions(
    read: Callable[[User], Any], alice: User, bob: User, drain: Drain
) -> None:
    celebrities.set_override(author=alice, decision="pull")
    services.populate(viewer_id=bob.pk)
    tweet = post_tweet(author=alice, text="x")
    drain()
    assert store.peek(store.home(bob.pk)) == (0, [])
    assert [found["id"] for found in read(bob).json()["results"]] == [str(tweet.pk)]
