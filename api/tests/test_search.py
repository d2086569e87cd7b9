"""GET /api/search."""

from typing import Any

import pytest

from accounts.models import User
from people import services as people
from search import indexing
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
