"""Notifications are read when they are seen: by a script, or by a button without scripts."""

from collections.abc import Callable

import pytest

from accounts.models import User
from notifications import markers, selectors
from tests.browser.person import Person
from tweets.posting import post_tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Drain = Callable[..., int]


@pytest.fixture
def told(alice: User, bob: User, drain: Drain) -> None:
    """alice has two unread notifications."""
    for text in ("@alice one", "@alice two"):
        post_tweet(author=bob, text=text)
    drain()


def test_they_are_read_when_they_come_into_view(
    opens: Callable[..., Person], alice: User, told: None
) -> None:
    reader = opens()
    reader.signs_in("alice")
    assert reader.one("#unread").text.startswith("2")
    assert selectors.unread(user_id=alice.pk) == 2

    reader.visits("/notifications")

    assert len(reader.all(".notification-unread")) == 2
    reader.waits(lambda: not reader.all("#unread"))
    assert selectors.unread(user_id=alice.pk) == 0
    reader.visits("/notifications")
    assert not reader.all(".notification-unread")
    assert reader.complaints() == []


def test_without_scripts_a_button_marks_them_as_read(
    opens: Callable[..., Person], alice: User, told: None
) -> None:
    reader = opens(scripts=False)
    reader.signs_in("alice")
    reader.visits("/notifications")
    assert selectors.unread(user_id=alice.pk) == 2

    reader.presses("Mark all as read")

    assert reader.path == "/notifications"
    assert not reader.all(".notification-unread, #unread")


def test_home_remembers_what_was_seen(
    opens: Callable[..., Person], alice: User, drain: Drain
) -> None:
    old = post_tweet(author=alice, text="old")
    drain()
    reader = opens()
    reader.signs_in("alice")
    assert not reader.all(".read-line")
    reader.waits(lambda: markers.last_read(user=alice, name="home") == old.pk)
    post_tweet(author=alice, text="new")
    drain()

    reader.visits("/")

    assert "New since you last read" in reader.one(".read-line").text
    assert reader.complaints() == []
