"""Threads, polls and messages in a browser without JavaScript."""

from collections.abc import Callable

import pytest

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_thread_with_a_poll_is_posted_and_voted_in(opens: Callable[..., Person]) -> None:
    alice, bob = opens(scripts=False), opens(scripts=False)
    alice.registers("alice")
    bob.registers("bob")

    alice.visits("/compose")
    alice.fills(text="What do you drink?")
    alice.one(".composer-poll > summary").click()
    for field, choice in zip(alice.all("[name=poll_choices]"), ("Tea", "Coffee"), strict=False):
        field.send_keys(choice)
    alice.presses("Add another tweet")
    assert [field.get_attribute("value") for field in alice.all("[name=poll_choices]")] == [
        *("Tea", "Coffee", "", ""),
    ]
    alice.fills(parts="I ask for a friend.")
    alice.presses("Post", within=".composer")
    assert "Your tweet is out." in alice.text

    bob.visits("/@alice")
    assert "I ask for a friend." in bob.text
    bob.one("[name=choices][value='1']").click()
    bob.presses("Vote")
    assert "You have voted." in bob.text
    assert "1 person voted" in bob.text
    assert bob.one(".poll-choice.is-chosen").text.startswith("Coffee")


def test_a_message_is_read_and_answered(opens: Callable[..., Person]) -> None:
    alice, bob = opens(scripts=False), opens(scripts=False)
    alice.registers("alice")
    bob.registers("bob")
    alice.visits("/compose")
    alice.fills(text="@bob between us", visibility="Mentioned")
    alice.presses("Post", within=".composer")

    bob.visits("/conversations")
    assert bob.one(".conversation.is-unread .badge").text == "New"
    bob.one(".conversation a").click()
    bob.fills(text="of course")
    bob.presses("Reply", within=".composer")
    assert bob.one(".feed .tweet-text").text == "@alice of course"
    bob.visits("/conversations")
    assert not bob.all(".is-unread")
