"""Drafts and scheduled tweets on the site, without scripts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.helpers.pages import page
from tests.helpers.pictures import uploaded
from tests.helpers.tweets import post
from tweets.deleting import delete_tweet
from tweets.later import drafts, scheduling
from tweets.later.models import Draft, ScheduledTweet
from tweets.models import Tweet
from tweets.places import NewPlace
from tweets.polls.rules import NewPoll

pytestmark = pytest.mark.django_db
TYPED: dict[str, Any] = {
    "text": "One",
    "parts": ["Two"],
    "visibility": "followers",
    "spoiler": "Careful",
    "poll_choices": ["Tea", "Coffee"],
    "poll_seconds": "3600",
    "replies_from": "nobody",
}


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A client that is signed in as alice."""
    client.force_login(alice)
    return client


def tomorrow() -> str:
    """A time as browsers send it."""
    return (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    (value,) = re.findall(rf'name="{name}" value="(\d+)"', html)
    return str(value)


def test_a_draft_is_saved_continued_and_posted(browser: Client) -> None:
    shown = page(browser.post("/compose", {**TYPED, "save_draft": "1"}, follow=True))
    assert "Your draft is saved." in shown
    assert "One" in shown
    assert "and 1 more" in shown
    assert not Tweet.objects.exists()
    draft = Draft.objects.get()
    again = page(browser.get(f"/compose?draft={draft.pk}"))
    for kept in ("One</textarea>", "Two</textarea>", 'value="Careful"', 'value="Coffee"'):
        assert kept in again
    for chosen in ("followers", "3600", "nobody"):
        assert f'value="{chosen}" selected' in again
    sent = {**TYPED, "draft_id": hidden(again, "draft_id")}
    browser.post("/compose", {**sent, "text": "New", "save_draft": "1"})
    assert Draft.objects.get().content[0]["text"] == "New"
    assert browser.post("/compose", sent).status_code == 302
    assert not Draft.objects.exists()
    assert Tweet.objects.count() == 2


def test_a_draft_that_was_deleted_meanwhile_is_kept_again(browser: Client) -> None:
    browser.post("/compose", {**TYPED, "draft_id": "5", "save_draft": "1"})
    assert Draft.objects.count() == 1


def test_a_tweet_is_scheduled_changed_and_deleted(browser: Client) -> None:
    sent = {**TYPED, "due_at": tomorrow(), "schedule": "1", "key": "k"}
    for _ in range(2):  # a double click
        shown = page(browser.post("/compose", sent, follow=True))
    assert "Your tweet is scheduled." in shown
    assert "To be posted" in shown
    row = ScheduledTweet.objects.get()
    again = page(browser.get(f"/compose?scheduled={row.pk}"))
    assert f'value="{row.due_at:%Y-%m-%dT%H:%M}"' in again
    sent |= {"text": "Changed", "scheduled_id": hidden(again, "scheduled_id"), "key": "l"}
    browser.post("/compose", sent)
    assert ScheduledTweet.objects.get().content[0]["text"] == "Changed"
    browser.post(f"/scheduled/{row.pk}/delete")
    assert not ScheduledTweet.objects.exists()
    assert not Tweet.objects.exists()


def test_a_scheduled_tweet_is_posted_at_once_but_never_twice(browser: Client) -> None:
    row = scheduling.schedule(
        user=User.objects.get(), tweets=[{"text": "One"}], due_at=timezone.now() + timedelta(days=1)
    )
    sent = {"text": "One", "visibility": "public", "scheduled_id": str(row.pk)}
    assert browser.post("/compose", sent).status_code == 302
    assert not ScheduledTweet.objects.exists()
    response = browser.post("/compose", {**sent, "text": "Two"})
    assert "This was posted or deleted meanwhile." in page(response)
    assert [tweet.text for tweet in Tweet.objects.all()] == ["One"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"schedule": "1"}, "Choose a time."),
        ({"schedule": "1", "due_at": "2020-01-01T00:00"}, "Must be in the future"),
        ({"schedule": "1", "due_at": "soon"}, "Enter a valid date/time."),
        ({"schedule": "1", "due_at": "{tomorrow}", "text": "x" * 501}, "501 characters"),
        ({"schedule": "1", "due_at": "{tomorrow}", "parts": ["x" * 501]}, "Tweet 2: "),
        ({"save_draft": "1", "text": "", "parts": [], "poll_choices": []}, "nothing to keep"),
    ],
)
def test_what_is_refused_is_shown_again(
    browser: Client, changed: dict[str, Any], said: str
) -> None:
    if changed.get("due_at") == "{tomorrow}":
        changed = {**changed, "due_at": tomorrow()}
    response = browser.post("/compose", {**TYPED, **changed})
    assert response.status_code == 400
    assert said in page(response)
    assert 'value="Careful"' in page(response)
    assert not ScheduledTweet.objects.exists()
    assert not Draft.objects.exists()


def test_a_draft_outlives_the_tweet_that_it_answers(
    browser: Client, alice: User, bob: User
) -> None:
    parent = post(bob)
    tweets = [{"text": "One", "reply_to_id": parent.pk}]
    draft = drafts.create_draft(user=alice, tweets=tweets)
    assert f'name="reply_to_id" value="{parent.pk}"' in page(
        browser.get(f"/compose?draft={draft.pk}")
    )
    delete_tweet(author=bob, tweet_id=parent.pk)
    shown = page(browser.get(f"/compose?draft={draft.pk}"))
    assert "is not available any more" in shown
    assert f'value="{parent.pk}"' not in shown


def test_the_place_and_the_reason_are_shown(browser: Client, alice: User) -> None:
    new = {"text": "One", "location": NewPlace(1.5, 2.5, "There"), "poll": NewPoll(["a", "b"], 300)}
    draft = drafts.create_draft(user=alice, tweets=[new])
    Draft.objects.update(reason="There is no such tweet.")
    assert "There is no such tweet." in page(browser.get("/drafts"))
    shown = page(browser.get(f"/compose?draft={draft.pk}"))
    for kept in ('name="lat" value="1.5"', 'value="There"', 'value="300" selected'):
        assert kept in shown


def test_those_of_others_are_not_there(browser: Client, bob: User) -> None:
    draft = drafts.create_draft(user=bob, tweets=[{"text": "secret"}])
    due_at = timezone.now() + timedelta(days=1)
    row = scheduling.schedule(user=bob, tweets=[{"text": "secret"}], due_at=due_at)
    for path in ("/drafts", "/scheduled"):
        assert "secret" not in page(browser.get(path))
        assert "/login" in Client().get(path).headers["Location"]
    assert browser.get(f"/compose?draft={draft.pk}").status_code == 404
    assert browser.get(f"/compose?scheduled={row.pk}").status_code == 404
    assert browser.get("/compose?draft=x").status_code == 404
    browser.post(f"/drafts/{draft.pk}/delete")
    browser.post(f"/scheduled/{row.pk}/delete")
    assert (Draft.objects.count(), ScheduledTweet.objects.count()) == (1, 1)
    sent = {**TYPED, "due_at": tomorrow(), "schedule": "1", "scheduled_id": str(row.pk)}
    assert browser.post("/compose", sent).status_code == 404


def test_a_draft_keeps_its_pictures(browser: Client, alice: User) -> None:
    media = uploaded(alice)
    form = {"text": "", "visibility": "public", "media_ids": [media.pk], "save_draft": "1"}
    browser.post("/compose", form)
    draft = Draft.objects.get()
    shown = page(browser.get(f"/compose?draft={draft.pk}"))
    assert f'name="media_ids" value="{media.pk}" checked' in shown
