"""The daily e-mail, through a real SMTP server."""

import smtplib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from notifications import digest, markers, preferences, services
from notifications.models import Digest
from people import services as people
from tests.helpers.pages import page
from tests.helpers.smtp import Mailbox, texts
from tests.helpers.threads import at_once
from tests.helpers.tweets import post
from tweets import marks

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
MORNING = datetime(2026, 11, 28, 8, tzinfo=UTC)


@pytest.fixture
def reader(alice: User) -> User:
    """alice, who wants a digest."""
    preferences.change(user=alice, digest="daily")
    return alice


def test_it_has_what_is_unread_as_text_and_html(
    reader: User, bob: User, charlie: User, drain: Drain, mail: Mailbox
) -> None:
    post(bob, "@alice read before")
    drain()
    markers.read_notifications(user=reader)
    post(bob, "@alice <b>&hello</b>")
    post(charlie, "@alice secret", visibility="direct")
    post(charlie, "@alice spoiled", spoiler="Film ends")
    for user in (bob, charlie):
        people.follow(follower=user, followee=reader)
        marks.like(user=user, tweet_id=post(reader).pk)
    services.moderated(recipient_id=reader.pk, reference=1, note="Be kind.")
    digest.begin(now=MORNING)
    drain()
    (message,) = mail.messages
    assert mail.recipients == ["alice@example.org"]
    assert message["Subject"] == "5 new notifications on Chirp"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = texts(message)
    for text in (plain, html):
        assert "charlie and 1 other" in text
        assert "https://chirp.example/@bob/" in text
        assert "Be kind." in text
        assert "Film ends" in text
        for left_out in ("read before", "secret", "spoiled", "liked"):
            assert left_out not in text
    assert "@alice <b>&hello</b>" in plain
    assert "&lt;b&gt;&amp;hello&lt;/b&gt;" in html


def test_there_is_one_for_a_day_whatever_runs_twice(
    reader: User, bob: User, drain: Drain, mail: Mailbox
) -> None:
    post(bob, "@alice one")
    for hour in range(3):
        digest.begin(now=MORNING + timedelta(hours=hour))
        drain(times=2)
        post(bob, f"@alice {hour}")
    assert len(mail.messages) == 1
    digest.begin(now=MORNING + timedelta(days=1))
    drain()
    assert len(mail.messages) == 2
    assert "@alice one" not in texts(mail.messages[1])[0]  # each is in one digest only
    for days in range(2, 12):  # also when the rows that say so are deleted
        digest.begin(now=MORNING + timedelta(days=days))
        drain()
    assert len(mail.messages) == 2
    assert Digest.objects.count() == 8


def test_nothing_new_and_not_wanted_is_no_mail(
    reader: User, bob: User, charlie: User, drain: Drain, mail: Mailbox
) -> None:
    post(charlie, "@bob")
    drain()
    digest.begin(now=MORNING)
    drain()
    post(bob, "@alice")
    drain()
    preferences.change(user=reader, digest="off")
    digest.send(user_id=reader.pk, day=date(2026, 11, 29))
    digest.begin(now=MORNING + timedelta(days=1))
    drain()
    accounts.suspend(user=reader, by=bob, now=timezone.now())
    preferences.change(user=reader, digest="daily")
    digest.begin(now=MORNING + timedelta(days=2))
    drain()
    assert mail.messages == []


def test_it_is_not_sent_in_the_night(reader: User, bob: User, drain: Drain, mail: Mailbox) -> None:
    post(bob, "@alice")
    drain()
    digest.begin(now=MORNING.replace(hour=6))
    drain()
    assert mail.messages == []


def test_what_the_server_refuses_is_tried_again(
    reader: User, bob: User, drain: Drain, mail: Mailbox
) -> None:
    post(bob, "@alice")
    drain()
    day = MORNING.date()
    Digest.objects.create(user=reader, day=day)
    mail.refuse = True
    with pytest.raises(smtplib.SMTPDataError):
        digest.send(user_id=reader.pk, day=day)
    mail.refuse = False
    digest.send(user_id=reader.pk, day=day)
    digest.send(user_id=reader.pk, day=day)
    assert len(mail.messages) == 1


def test_a_server_that_is_away_is_tried_again(
    reader: User, bob: User, drain: Drain, mail: Mailbox, settings: Any
) -> None:
    post(bob, "@alice")
    drain()
    day, port = MORNING.date(), settings.EMAIL_PORT
    Digest.objects.create(user=reader, day=day)
    settings.EMAIL_PORT = 1
    with pytest.raises(ConnectionRefusedError):
        digest.send(user_id=reader.pk, day=day)
    settings.EMAIL_PORT = port
    digest.send(user_id=reader.pk, day=day)
    assert len(mail.messages) == 1


def test_what_may_have_been_accepted_is_not_sent_again(
    reader: User, bob: User, drain: Drain, mail: Mailbox
) -> None:
    post(bob, "@alice")
    drain()
    day = MORNING.date()
    Digest.objects.create(user=reader, day=day)
    mail.hang_up = True
    for _ in range(2):
        digest.send(user_id=reader.pk, day=day)
    assert len(mail.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one(reader: User, bob: User, drain: Drain, mail: Mailbox) -> None:
    post(bob, "@alice")
    drain()
    day = MORNING.date()
    assert at_once([lambda: digest.begin(now=MORNING)] * 4) == []
    assert at_once([lambda: digest.send(user_id=reader.pk, day=day)] * 4) == []
    assert len(mail.messages) == 1


def test_the_link_turns_it_off_with_one_post_and_signed_out(
    reader: User, bob: User, drain: Drain, mail: Mailbox
) -> None:
    post(bob, "@alice")
    digest.begin(now=MORNING)
    drain()
    (message,) = mail.messages
    link = message["List-Unsubscribe"].strip(" <>")
    assert link in texts(message)[0]
    path = link.removeprefix("https://chirp.example")
    browser = Client(enforce_csrf_checks=True)
    for _ in range(2):  # mail scanners follow links: they change nothing
        assert "Stop the daily e-mail?" in page(browser.get(path))
    assert preferences.preferences(user=reader).digest == "daily"
    for _ in range(2):
        answer = browser.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "no more digests" in page(answer)
    assert preferences.preferences(user=reader).digest == "off"
    assert preferences.preferences(user=reader).strangers == "accept"


@pytest.mark.parametrize("token", ["x", "1", "Mg:1:x", "%00", "a" * 3000])
def test_a_link_that_is_not_ours_is_refused(reader: User, token: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(f"/notifications/unsubscribe/{token}")
        assert answer.status_code == 404
    assert preferences.preferences(user=reader).digest == "daily"
