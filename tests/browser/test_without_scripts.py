"""The site works in a browser without JavaScript."""

from collections.abc import Callable

import pytest

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_scripts_are_disabled(opens: Callable[..., Person]) -> None:
    person = opens(scripts=False)
    person.visits("/nearby")

    assert not person.one("[data-scripted]").is_displayed()


def test_two_users_register_follow_post_and_reply(
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
    assert bob.one(".action-like").get_attribute("aria-label") == "Like: 1"
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


def test_deleting_asks_for_confirmation(opens: Callable[..., Person]) -> None:
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


def test_an_error_is_shown_with_the_submitted_text(opens: Callable[..., Person]) -> None:
    alice = opens(scripts=False)
    alice.registers("alice")
    alice.fills(text="long " * 120)
    alice.presses("Post")

    assert "characters long; the limit is 500" in alice.one(".composer .errorlist").text
    assert (alice.one("textarea").get_attribute("value") or "").startswith("long long")


def test_after_signing_out_a_page_leads_to_the_login(opens: Callable[..., Person]) -> None:
    alice = opens(scripts=False)
    alice.registers("alice")
    alice.presses("Log out", within=".nav")
    assert "Create an account" in alice.text

    alice.visits("/settings")
    assert alice.path == "/login?next=%2Fsettings"
    alice.fills(login="alice", password="correct horse battery staple")
    alice.presses("Log in", within="form")
    assert alice.path == "/settings"
