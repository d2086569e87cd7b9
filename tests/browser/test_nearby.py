"""Geolocation: used only after a click, with the chosen precision; and without scripts."""

from collections.abc import Callable

import pytest

from accounts.models import User
from tests.browser.person import Person
from tweets.models import Tweet
from tweets.places import NewPlace
from tweets.posting import post_tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HERE = {"latitude": 52.5200066, "longitude": 13.4049541, "accuracy": 5}


def set_location(person: Person, *, allowed: bool = True) -> None:
    """Set the location of the browser, and whether sites may read it."""
    granted = {"origin": person.site, "permissions": ["geolocation"] if allowed else []}
    person.browser.execute_cdp_cmd("Browser.grantPermissions", granted)
    person.browser.execute_cdp_cmd("Emulation.setGeolocationOverride", HERE)


def value(person: Person, name: str) -> str:
    """The value of a field of the composer."""
    return person.one(f".composer [name={name}]").get_attribute("value") or ""


def test_a_location_is_added_roughly_then_exactly_and_removed(
    opens: Callable[..., Person], alice: User
) -> None:
    person = opens()
    person.signs_in("alice")
    set_location(person)
    assert value(person, "lat") == ""

    person.presses("Add your place")
    person.waits(lambda: value(person, "lat") == "52.52")
    assert value(person, "lon") == "13.40"
    person.one(".composer [name=exact]").click()
    person.waits(lambda: value(person, "lat") == "52.520007")
    person.presses("Remove the place")
    assert (value(person, "lat"), value(person, "lon")) == ("", "")

    person.presses("Add your place")
    person.waits(lambda: value(person, "lat") == "52.52")
    person.fills(place="Mitte", text="Hello from here")
    person.presses("Post")
    person.sees(".tweet-place")
    assert person.one(".tweet-place").text == "Mitte"
    tweet = Tweet.objects.get()
    assert (tweet.lat, tweet.lon, tweet.place) == (52.52, 13.4, "Mitte")

    person.one(".tweet-place a").click()
    person.waits(lambda: "/nearby?" in person.path)
    assert "Hello from here" in person.text
    assert person.complaints() == []


def test_a_click_shows_nearby_tweets(opens: Callable[..., Person], alice: User) -> None:
    for number in range(25):
        post_tweet(author=alice, text=f"Number {number:02}", location=NewPlace(52.52, 13.41))
    person = opens()
    set_location(person)
    person.visits("/nearby")

    person.presses("Use my place")

    person.waits(lambda: "lat=52.52&lon=13.40&" in person.path)
    assert len(person.all("article.tweet")) == 20
    person.browser.execute_script("document.querySelector('[rel=next]').click()")
    person.waits(lambda: len(person.all("article.tweet")) == 25)
    assert person.complaints() == []


def test_without_permission_a_message_is_shown(opens: Callable[..., Person], alice: User) -> None:
    person = opens()
    set_location(person, allowed=False)
    person.visits("/nearby")
    person.presses("Use my place")
    person.sees(".toast")
    assert person.path == "/nearby"


def test_it_works_without_scripts(opens: Callable[..., Person], alice: User) -> None:
    post_tweet(author=alice, text="Hello from here", location=NewPlace(52.52, 13.41))
    person = opens(scripts=False)
    person.visits("/nearby")
    assert "Use my place" not in person.text
    person.fills(lat="52.5", lon="13.4")
    person.presses("Show")
    assert "Hello from here" in person.text

    person.signs_in("alice")
    assert not person.one("[data-place]").is_displayed()
    person.fills(text="Without a place")
    person.presses("Post")
    assert "Without a place" in person.text
