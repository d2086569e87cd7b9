"""Home remembers what was read: a script says what came into view."""

from collections.abc import Callable

import pytest

from accounts.models import User
from notifications import markers
from tests.browser.person import Person
from tweets.posting import post_tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Drain = Callable[..., int]


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
