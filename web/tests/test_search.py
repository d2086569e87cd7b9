"""The search page, completions, and Explore."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from people import services as people
from search import hashtags, indexing
from search.models import TrendingTweet
from search.people import index_people
from tests.helpers.pages import HTMX, code_in, newer, older, page
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    """An anonymous visitor."""
    return client


@pytest.fixture
def as_bob(bob: User) -> Client:
    """A browser that bob is signed in with."""
    client = Client()
    client.force_login(bob)
    return client


def write(author: User, *texts: str) -> None:
    """Post tweets, and index them."""
    indexing.index_tweets([post(author, text).pk for text in texts])


class TestSearch:
    """/search."""

    def test_without_a_query_it_says_what_can_be_searched_for(self, client: Client) -> None:
        html = page(client.get("/search"))
        assert "What are you looking for?" in html
        assert "from:alice" in html
        assert code_in(html) == []

    def test_it_finds_tweets_page_by_page(self, client: Client, alice: User) -> None:
        write(alice, *(f"fish {number}." for number in range(25)), "bird")
        first = client.get("/search?q=fish")
        assert "fish 24." in page(first)
        assert "fish 4." not in page(first)
        assert 'value="fish"' in page(first)
        second = page(client.get(older(page(first))))
        assert "fish 4." in second
        assert "fish 24." in page(client.get(newer(second)))
        fragment = page(client.get(older(page(first)), headers=HTMX))
        assert "fish 4." in fragment
        assert "<html" not in fragment

    def test_it_finds_people_and_hashtags(self, client: Client, alice: User, bob: User) -> None:
        index_people([alice.pk])
        write(alice, "#Fisherman")
        write(bob, "#fishing", "#fisherman")
        hashtags.refresh()
        html = page(client.get("/search?q=alcie&type=users"))
        assert "@alice" in html
        assert '<input type="hidden" name="type" value="users">' in html
        html = page(client.get("/search?q=fish&type=hashtags"))
        assert html.index("/hashtag/fisherman") < html.index("/hashtag/fishing")
        assert "2 people lately" in html
        assert "1 person lately" in html

    def test_it_shows_results_as_one_types(
        self, as_bob: Client, alice: User, person: Callable[..., User]
    ) -> None:
        write(alice, "fish one #fishing", "fish two")
        hashtags.refresh()
        index_people([person("fishmonger").pk])
        typing = {**HTMX, "HX-Target": "search-results"}
        part = page(as_bob.get("/search?q=fish", headers=typing))
        assert "<html" not in part
        for found in ("fish two", "@fishmonger", "/hashtag/fishing", "Results for fish"):
            assert found in part, found
        assert 'href="/search?q=fish&amp;type=users"' in part
        assert "@fishmonger" in page(as_bob.get("/search?q=fish")), "without scripts as well"
        later = page(as_bob.get("/search?q=fish&type=users", headers=typing))
        assert "@fishmonger" in later
        assert "search-also" not in later
        unfinished = as_bob.get("/search?q=from:", headers=typing)
        assert unfinished.status_code == 200
        assert 'id="search-refused"' in page(unfinished)
        assert "What are you looking for?" in page(as_bob.get("/search?q=", headers=typing))
        for odd in ("%00", "%22", "-", "#", "@", "%F0%9F%92%A9", "x" * 900):
            assert as_bob.get(f"/search?q={odd}", headers=typing).status_code == 200, odd

    def test_more_people_are_on_the_next_page(
        self, client: Client, person: Callable[..., User]
    ) -> None:
        index_people([person(f"dora{number:02}").pk for number in range(21)])
        first = page(client.get("/search?q=dora&type=users"))
        assert "dora19" in first
        assert "dora20" in page(client.get(older(first)))
        assert "dora20" in page(client.get(older(first), headers=HTMX))

    def test_tabs_keep_the_query(self, client: Client) -> None:
        html = page(client.get("/search?q=a%26b+%22c&type=users"))
        assert "/search?q=a%26b+%22c&amp;type=hashtags" in html
        assert 'value="a&amp;b &#34;c"' in html

    @pytest.mark.parametrize("type_", ["tweets", "users", "hashtags"])
    def test_it_says_when_nothing_is_found(self, client: Client, type_: str) -> None:
        assert "Nothing found" in page(client.get(f"/search?q=nothing&type={type_}"))

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("has%3Acake", "has: can be has:media, has:link, has:poll."),
            ("-word", "Type a word"),
            ("x" * 501, "at most 500 characters"),
            ("%3F&type=users", "Type a part of a name"),
        ],
    )
    def test_a_bad_query_is_explained_and_kept(
        self, client: Client, query: str, message: str
    ) -> None:
        for headers in ({}, HTMX):
            response = client.get(f"/search?q={query}", headers=headers)
            assert response.status_code == 400
            assert message in page(response)
            assert 'role="alert"' in page(response)
        assert ('value="has:cake"' in page(response)) == query.startswith("has")

    @pytest.mark.parametrize("query", ["q=%00", "type=cats", "q=%3Cscript%3E", "q=%ffword"])
    def test_any_input_has_a_page(self, client: Client, query: str) -> None:
        response = client.get(f"/search?{query}")
        assert response.status_code == 200
        assert "<script>" not in page(response)

    def test_a_bad_cursor_is_refused(self, client: Client) -> None:
        assert client.get("/search?q=fish&cursor=nonsense").status_code == 400
        assert client.post("/search").status_code == 405

    def test_the_number_of_queries_does_not_grow(
        self, as_bob: Client, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        for count in (1, 19):
            write(alice, *["fish"] * count)
            as_bob.get("/search?q=fish")
            with django_assert_max_num_queries(10):
                as_bob.get("/search?q=fish")


class TestCompletion:
    """/search/complete."""

    @pytest.mark.parametrize(
        ("typed", "option"),
        [
            ("al", "@alice"),
            ("%40AL", "@alice"),
            ("red fish -from:al", "red fish -from:alice"),
            ("to:al", "to:alice"),
            ("word %23fi", "word #fishing"),
        ],
    )
    def test_the_last_word_is_completed(
        self, client: Client, alice: User, typed: str, option: str
    ) -> None:
        index_people([alice.pk])
        write(alice, "#fishing")
        hashtags.refresh()
        assert f'<option value="{option}">' in page(client.get(f"/search/complete?q={typed}"))

    @pytest.mark.parametrize("typed", ["", "%00", "x" * 999, "%22%3E"])
    def test_any_input_has_completions_or_none(self, client: Client, typed: str) -> None:
        assert "<option" not in page(client.get(f"/search/complete?q={typed}"))


class TestExplore:
    """/explore."""

    def test_it_shows_tweets_that_trend(self, client: Client, alice: User) -> None:
        assert "Nothing trends" in page(client.get("/explore/tweets"))
        TrendingTweet.objects.create(tweet=post(alice, "The talk of the town"), score=5)
        assert 'href="/explore/tweets"' in page(client.get("/explore"))
        assert "The talk of the town" in page(client.get("/explore/tweets"))
        assert "Trending" not in page(client.get("/explore", headers=HTMX))

    def test_it_shows_trends_and_people_with_the_reason(
        self, client: Client, as_bob: Client, alice: User, bob: User, charlie: User
    ) -> None:
        for author in (alice, bob, charlie):
            post(author, "#Fishing")
        hashtags.refresh()
        people.follow(follower=bob, followee=alice)
        people.follow(follower=alice, followee=charlie)
        html = page(as_bob.get("/explore"))
        assert "3 people lately" in html
        assert "Followed by @alice" in html
        assert code_in(html) == []
        html = page(client.get("/explore"))
        assert "3 people lately" in html
        assert "People to follow" not in html

    def test_later_pages_have_only_tweets(self, client: Client, alice: User) -> None:
        for number in range(21):
            post(alice, f"tweet {number}.")
        first = page(client.get("/explore"))
        assert "Trends" not in first
        assert "tweet 0." in page(client.get(older(first)))
