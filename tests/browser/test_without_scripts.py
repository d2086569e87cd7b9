"""Everything works in a browser with JavaScript off."""

from collections.abc import Callable

import pytest

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_scripts_are_really_off(opens: Callable[..., Person]) -> None:
    person = opens(scripts=False)
    person.visits("/")

    assert "is-clickable" not in (person.one("html").get_attribute("class") or "")


def test_from_signing_up_to_an_answered_tweet(
    opens: Callable[..., Person], drain: Callable[..., int]
) -> None:
    alice, bob = opens(scripts=False), opens(scripts=False)
    alice.registers("alice")
    assert "Welcome to Chirp, alice." in alice.text
    bob.registers("bob")

    bob.visits("/@alice")
    bob.presses("Follow")
    assert bob.path == "/@alice"
    assert bob.one(".profile .button-following").text == "Following"
    drain()

    alice.fills(text="Good morning, all of you")
    alice.presses("Post")
    assert alice.path == "/"
    assert "Good morning, all of you" in alice.text
    drain()

    bob.visits("/")
    assert bob.one(".feed .tweet-text").text == "Good morning, all of you"
    bob.presses("Like")
    assert bob.path.startswith("/#t")
    assert bob.one(".action-like").get_attribute("aria-label") == "Like (1)"
    bob.presses("Repost")
    assert bob.one(".action-repost").get_attribute("aria-pressed") == "true"

    bob.one(".tweet-when").click()
    bob.fills(text="Good morning, alice")
    bob.presses("Reply", within="#reply .composer-bar")
    assert [text.text for text in bob.all(".tweet-text")] == [
        "Good morning, all of you",
        "Good morning, alice",
    ]

    alice.visits(bob.path)
    assert "Good morning, alice" in alice.text
    assert "1 like" in alice.text


def test_one_deletes_after_being_asked(opens: Callable[..., Person]) -> None:
    alice = opens(scripts=False)
    alice.registers("alice")
    alice.fills(text="Regrettable")
    alice.presses("Post")

    alice.one(".tweet-menu summary").click()
    alice.presses("Delete")
    alice.presses("Delete", within="form.confirm-buttons")

    assert alice.path == "/"
    assert "Your tweet is deleted." in alice.text
    assert "Regrettable" not in alice.text


def test_what_was_wrong_stands_beside_the_text(opens: Callable[..., Person]) -> None:
    alice = opens(scripts=False)
    alice.registers("alice")
    alice.fills(text="long " * 120)
    alice.presses("Post")

    assert "characters long, and 500 are the most" in alice.one(".composer .errorlist").text
    assert (alice.one("textarea").get_attribute("value") or "").startswith("long long")


def test_one_leaves_and_comes_back(opens: Callable[..., Person]) -> None:
    alice = opens(scripts=False)
    alice.registers("alice")
    alice.presses("Log out", within=".nav")
    assert "Create an account" in alice.text

    alice.visits("/settings")
    assert alice.path == "/login?next=%2Fsettings"
    alice.fills(login="alice", password="correct horse battery staple")
    alice.presses("Log in", within="form")
    assert alice.path == "/settings"
