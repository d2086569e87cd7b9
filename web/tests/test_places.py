"""Places on the site: the page of what is nearby, the composer, the cards and the edit form."""

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.pages import HTMX, code_in, newer, older, page
from tests.helpers.tweets import post, row
from tweets.models import Tweet
from tweets.places import NewPlace

BERLIN = NewPlace(52.52, 13.41, name="Alexanderplatz")
NEAR = "/nearby?lat=52.5&lon=13.4"
HERE = {"lat": "52.5200066", "lon": "13.4049541", "place": "Mitte"}


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def compose(browser: Client, **more: str) -> int:
    """Post as the composer does. The status."""
    data = {"text": "hello", "visibility": "public", **more}
    return browser.post("/compose", data).status_code


class TestNearby:
    """/nearby"""

    def test_it_asks_where(self, db: None, client: Client) -> None:
        answer = client.get("/nearby")
        shown = page(answer)
        assert answer.status_code == 200
        assert 'name="lat"' in shown
        assert 'aria-current="page"' in shown
        assert code_in(shown) == []

    def test_it_shows_what_is_near(self, client: Client, alice: User) -> None:
        post(alice, "Hello from here", location=BERLIN)
        post(alice, "Far away", location=NewPlace(48.86, 2.35))
        shown = page(client.get(NEAR))
        assert "Hello from here" in shown
        assert "Far away" not in shown
        assert 'value="52.5"' in shown
        assert "Far away" not in page(client.get(f"{NEAR}&radius_km=100"))

    def test_it_goes_on(self, client: Client, alice: User) -> None:
        for number in range(25):
            post(alice, f"Number {number:02}", location=BERLIN)
        first = page(client.get(f"{NEAR}&radius_km=2.5"))
        assert "Number 05" in first
        assert "Number 04" not in first
        assert "lat=52.5&lon=13.4&radius_km=2.5&cursor=" in older(first)
        second = page(client.get(older(first)))
        assert "Number 04" in second
        assert "Number 05" not in second
        assert "Number 05" in page(client.get(newer(second)))
        more = page(client.get(older(first), headers=HTMX))
        assert "Number 04" in more
        assert "<form" not in more

    @pytest.mark.parametrize(
        "query",
        [
            *("lat=91&lon=0", "lat=0&lon=181", "lat=0", "lon=0", "lat=&lon=", "lat=x&lon=0"),
            *("lat=nan&lon=0", "lat=0&lon=0&radius_km=101", "lat=0&lon=0&radius_km=-1"),
            *("lat=0&lon=0&radius_km=x", "lat=%00&lon=0", "lat=0&lon=%22%3E%3Cscript%3E"),
            "lat=0&lon=0&cursor=x",
        ],
    )
    def test_what_is_wrong_is_said(self, db: None, client: Client, query: str) -> None:
        answer = client.get(f"/nearby?{query}")
        assert answer.status_code == 400
        assert "<script>" not in page(answer)
        assert "errorlist" in page(answer) or "cursor" in page(answer)

    def test_without_a_radius_it_is_ten_kilometres(self, db: None, client: Client) -> None:
        for query in (NEAR, f"{NEAR}&radius_km="):
            answer = client.get(query)
            assert answer.status_code == 200
            assert 'name="radius_km" value="10"' in page(answer)


class TestCards:
    """Where a tweet says it was written"""

    def test_a_name_or_degrees(self, client: Client, alice: User, bob: User) -> None:
        named = post(alice, location=NewPlace(52.52, 13.4, name="<Mitte>"))
        shown = page(client.get(f"/@alice/{named.pk}"))
        assert "&lt;Mitte&gt;" in shown
        assert 'href="/nearby?lat=52.52&amp;lon=13.4"' in shown
        unnamed = post(bob, location=NewPlace(-33.9, 151.2))
        assert "-33.9, 151.2" in page(client.get(f"/@bob/{unnamed.pk}"))
        assert "tweet-place" not in page(client.get(f"/@bob/{post(bob).pk}"))


class TestComposer:
    """How a place is added"""

    def test_it_is_rounded_unless_chosen(self, browser: Client) -> None:
        assert compose(browser, **HERE) == 302
        coarse = Tweet.objects.get()
        assert (coarse.lat, coarse.lon, coarse.place) == (52.52, 13.4, "Mitte")
        assert compose(browser, **HERE, exact="on") == 302
        exact = Tweet.objects.latest("pk")
        assert (exact.lat, exact.lon) == (52.520007, 13.404954)

    def test_without_a_place_it_has_none(self, browser: Client) -> None:
        assert compose(browser, lat="", lon="", place="left over", exact="on") == 302
        tweet = Tweet.objects.get()
        assert (tweet.lat, tweet.lon, tweet.cell, tweet.place) == (None, None, None, "")

    @pytest.mark.parametrize(
        "wrong", [{"lat": "91"}, {"lon": "x"}, {"lat": "nan"}, {"place": "x" * 101}]
    )
    def test_what_is_wrong_is_said_and_nothing_is_lost(
        self, browser: Client, wrong: dict[str, str]
    ) -> None:
        data = {"text": "hello", "visibility": "public", **HERE, **wrong}
        answer = browser.post("/compose", data)
        assert answer.status_code == 400
        assert "errorlist" in page(answer)
        assert not Tweet.objects.exists()
        assert 'value="13.4049541"' in page(answer) or "lon" in wrong


class TestEditing:
    """How it is removed again"""

    def test_it_can_be_removed(self, browser: Client, alice: User) -> None:
        tweet = post(alice, location=BERLIN)
        path = f"/@alice/{tweet.pk}/edit"
        assert "Remove the place" in page(browser.get(path))
        browser.post(path, {"text": "other"})
        assert row(tweet).place == "Alexanderplatz"
        browser.post(path, {"text": "other", "remove_place": "on"})
        assert row(tweet).lat is None
        assert "Remove the place" not in page(browser.get(path))
