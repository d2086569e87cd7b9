"""GET /api/search."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from people import services as people
from search import hashtags, indexing
from search.models import TrendingTweet
from search.people import index_people
from tests.helpers.api_client import Api
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db


def write(author: User, text: str, **more: Any) -> None:
    """Post a tweet, and index it."""
    indexing.index_tweets([post(author, text, **more).pk])


class TestTweets:
    """Searching for tweets."""

    def test_anyone_finds_public_tweets_page_by_page(self, alice: User) -> None:
        for number in range(3):
            write(alice, f"fish {number}")
        first = Api().get("/api/search?q=fish&type=tweets&limit=2").json()
        assert [tweet["text"] for tweet in first["results"]] == ["fish 2", "fish 1"]
        assert first["previous"] is None
        rest = Api().get(first["next"]).json()
        assert [tweet["text"] for tweet in rest["results"]] == ["fish 0"]
        assert rest["next"] is None
        assert Api().get(rest["previous"]).json()["results"] == first["results"]

    def test_only_those_who_may_see_a_tweet_find_it(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        write(alice, "fish", visibility="followers")
        people.follow(follower=bob, followee=alice)
        counts = [
            len(api.get("/api/search?q=fish").json()["results"])
            for api in (Api(alice), Api(bob), Api(charlie), Api())
        ]
        assert counts == [1, 1, 0, 0]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "q"),
            ("q=", "q"),
            ("q=%00", "q"),
            ("q=has:cake", "q"),
            ("q=" + "x" * 501, "q"),
            ("q=fish&type=cats", "type"),
            ("q=fish&limit=0", "limit"),
            ("q=fish&cursor=nonsense", "cursor"),
        ],
    )
    def test_bad_input_is_explained(self, query: str, field: str) -> None:
        response = Api().get(f"/api/search?{query}")
        assert response.status_code == 400
        assert list(response.json()["fields"]) == [field]

    def test_a_bad_token_is_refused(self) -> None:
        assert Api(access="bad").get("/api/search?q=fish").status_code == 401


class TestPeopleAndHashtags:
    """Searching for users and hashtags, completions, trends and suggestions."""

    def test_users_are_found_page_by_page(self, person: Callable[..., User]) -> None:
        index_people([person(f"dora{number}").pk for number in range(3)])
        first = Api().get("/api/search?q=dora&type=users&limit=2").json()
        assert [user["handle"] for user in first["results"]] == ["dora0", "dora1"]
        rest = Api().get(first["next"]).json()
        assert [user["handle"] for user in rest["results"]] == ["dora2"]
        assert Api().get(rest["previous"]).json()["results"] == first["results"]

    def test_users_who_block_the_viewer_are_not_found(self, alice: User, bob: User) -> None:
        index_people([alice.pk])
        people.block(blocker=alice, blocked=bob)
        assert Api(bob).get("/api/search?q=alice&type=users").json()["results"] == []
        assert Api(bob).get("/api/search/complete?q=ali").json()["users"] == []

    def test_trending_tweets(
        self, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        tweets = [post(alice, str(number)) for number in range(4)]
        for score, tweet in enumerate(tweets):
            TrendingTweet.objects.create(tweet=tweet, score=score)
        first = Api(bob).get("/api/trends/tweets?limit=2").json()
        assert [tweet["text"] for tweet in first["results"]] == ["3", "2"]
        rest = Api(bob).get(first["next"]).json()
        assert [tweet["text"] for tweet in rest["results"]] == ["1"]
        assert rest["next"] is None
        for limit in (1, 3):
            with django_assert_num_queries(2):
                assert (
                    len(Api().get(f"/api/trends/tweets?limit={limit}").json()["results"]) == limit
                )
        for query in ("limit=0", "limit=x", "cursor=x"):
            assert Api().get(f"/api/trends/tweets?{query}").status_code == 400
        people.mute(muter=bob, muted=alice)
        assert Api(bob).get("/api/trends/tweets").json()["results"] == []

    def test_hashtags_and_trends(self, alice: User, bob: User, charlie: User) -> None:
        for user in (alice, bob, charlie):
            post(user, "#Straße is new")
        hashtags.refresh()
        expected = {"tag": "strasse", "authors": 3, "url": "http://testserver/hashtag/strasse"}
        for path in ("/api/search?q=stra&type=hashtags", "/api/trends"):
            assert Api().get(path).json() == {"results": [expected], "next": None, "previous": None}
        assert Api().get("/api/search/complete?q=%23stra").json() == {
            "users": [],
            "hashtags": [expected],
        }
        assert Api().get("/api/trends?limit=0").status_code == 400

    @pytest.mark.parametrize("kind", ["users", "hashtags"])
    @pytest.mark.parametrize("query", ["", "%00", "x" * 501])
    def test_a_query_without_a_name_is_refused(self, kind: str, query: str) -> None:
        response = Api().get(f"/api/search?type={kind}&q={query}")
        assert response.status_code == 400
        assert "q" in response.json()["fields"]

    def test_any_beginning_can_be_completed(self) -> None:
        for query in ("", "?q=", "?q=%00", "?q=" + "x" * 999, "?q=%22"):
            assert Api().get(f"/api/search/complete{query}").json() == {"users": [], "hashtags": []}

    def test_suggestions_say_why(
        self, alice: User, bob: User, charlie: User, person: Callable[..., User]
    ) -> None:
        dora, popular = person("dora"), person("popular")
        User.objects.filter(pk=popular.pk).update(followers_count=99)
        cache.clear()  # the candidates are remembered for a minute
        for friend in (bob, charlie):
            people.follow(follower=alice, followee=friend)
            people.follow(follower=friend, followee=dora)
        found = Api(alice).get("/api/suggestions").json()["results"]
        assert [(one["user"]["handle"], one["reason"]) for one in found] == [
            (
                "dora",
                {
                    "kind": "followed_by",
                    "count": 2,
                    "handles": ["bob", "charlie"],
                    "text": "Followed by @bob and @charlie",
                },
            ),
            (
                "popular",
                {"kind": "popular", "count": 0, "handles": [], "text": "Many people follow them"},
            ),
        ]
        assert Api().get("/api/suggestions").status_code == 401
