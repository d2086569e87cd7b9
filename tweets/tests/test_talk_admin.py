"""Polls, pins and scheduled tweets in the admin: they are read, and tell nothing private."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.helpers.admin import address, browser, shown
from tests.helpers.tweets import post
from tweets.later.models import ScheduledTweet
from tweets.later.scheduling import schedule
from tweets.models import Pin
from tweets.pins import pin
from tweets.polls.models import Poll
from tweets.polls.rules import NewPoll

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(charlie: User) -> Client:
    """A client that an operator is signed in with."""
    names = ("poll", "pin", "scheduledtweet")
    return browser(charlie, *(f"tweets.view_{name}" for name in names))


def page_of(client: Client, row: Poll | Pin | ScheduledTweet) -> str:
    """The admin page of one row."""
    response = client.get(address(type(row), "change", row.pk))
    assert response.status_code == 200
    return str(response.content.decode())


def test_polls_are_shown_except_those_in_direct_tweets(admin: Client, alice: User) -> None:
    asked = post(alice, poll=NewPoll(["Tea", "Coffee"], 300))
    secret = post(alice, "@bob", visibility="direct", poll=NewPoll(["Plan A", "Plan B"], 300))
    assert shown(admin, Poll) == [secret.pk, asked.pk]
    assert shown(admin, Poll, f"?q={asked.pk}") == [asked.pk]
    assert "Tea / Coffee" in page_of(admin, Poll.objects.get(pk=asked.pk))
    assert "Plan A" not in page_of(admin, Poll.objects.get(pk=secret.pk))


def test_pins_are_shown(admin: Client, alice: User, bob: User) -> None:
    for author in (alice, bob):
        pin(user=author, tweet_id=post(author).pk)
    (of_bob,) = Pin.objects.filter(user=bob)
    assert shown(admin, Pin, "?q=bob") == [of_bob.pk]
    assert "@bob" in page_of(admin, of_bob)


def test_scheduled_tweets_are_shown_without_their_text(admin: Client, alice: User) -> None:
    due_at = timezone.now() + timedelta(days=1)
    row = schedule(user=alice, tweets=[{"text": "secret"}], due_at=due_at)
    assert shown(admin, ScheduledTweet, "?q=alice") == [row.pk]
    assert "secret" not in page_of(admin, row)
    assert admin.get(address(ScheduledTweet, "add")).status_code == 403
