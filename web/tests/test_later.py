"""Drafts and scheduled tweets on the site, without scripts."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.helpers.forms import fields
from tests.helpers.pages import page
from tests.helpers.pictures import named, picture, uploaded
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
    assert "A poll (Tea / Coffee), the warning “Careful”, for followers, Nobody" in shown
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
    assert again.index('name="schedule" value="1">Save<') < again.index(">Post now<")  # for Enter
    assert f'value="{row.due_at:%Y-%m-%dT%H:%M}"' in again
    sent |= {"text": "Changed", "scheduled_id": hidden(again, "scheduled_id"), "key": "l"}
    browser.post("/compose", sent)
    assert ScheduledTweet.objects.get().content[0]["text"] == "Changed"
    browser.post(f"/scheduled/{row.pk}/delete")
    assert not ScheduledTweet.objects.exists()
    assert not Tweet.objects.exists()


def test_times_are_those_of_the_account_or_else_of_the_browser(
    browser: Client, alice: User
) -> None:
    due = (timezone.now() + timedelta(days=2)).astimezone(ZoneInfo("Asia/Tokyo"))
    due = due.replace(hour=3, minute=30, second=0, microsecond=0)
    browser.cookies["time_zone"] = "Asia/Tokyo"
    assert 'name="time_zone" value="Asia/Tokyo"' in page(browser.get("/compose"))
    User.objects.update(time_zone="Africa/Lagos")  # after the form was shown
    sent = {**TYPED, "schedule": "1", "due_at": f"{due:%Y-%m-%dT%H:%M}", "poll_choices": []}
    browser.post("/compose", {**sent, "time_zone": "Asia/Tokyo"})
    row = ScheduledTweet.objects.get()
    assert row.due_at == due
    there = due.astimezone(ZoneInfo("Africa/Lagos"))
    assert f"19:30 · {there.day} {there:%b %Y} WAT" in page(browser.get("/scheduled"))
    again = page(browser.get(f"/compose?scheduled={row.pk}"))
    assert f'value="{there:%Y-%m-%d}T19:30"' in again
    assert ">Africa/Lagos</a>" in again
    for wrong in ("Nowhere/At_All", "../../etc/passwd", ""):  # as if it was not said
        refused = page(browser.post("/compose", {**sent, "text": "", "time_zone": wrong}))
        assert ">Africa/Lagos</a>" in refused


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


def test_what_the_composer_does_not_show_of_a_draft_is_not_lost(
    browser: Client, alice: User
) -> None:
    media = uploaded(alice).pk
    tweets: list[dict[str, Any]] = [
        {
            "text": "One",
            "language": "fr",
            "visibility": "followers",
            "poll": NewPoll(["a", "b"], 7200),
        },
        {"text": "Two", "poll": NewPoll(["Tea", "Coffee"], 301, True), "visibility": "unlisted"},
        {"text": "", "media_ids": [media], "visibility": "followers", "sensitive": True},
        {"text": "Four", "visibility": "followers", "spoiler": "Long", "quotes_from": "nobody"},
    ]
    draft = drafts.create_draft(user=alice, tweets=tweets)
    before = draft.content
    shown = page(browser.get(f"/compose?draft={draft.pk}"))
    for said in (
        'value="7200" selected>2 hours',
        "A poll (Tea / Coffee), unlisted",
        "A picture or video, marked as sensitive",
        "The warning “Long”, Nobody else can quote",
    ):
        assert said in shown
    sent = fields(shown)
    assert len(sent["rests"]) == 4
    counters = re.findall(r'data-count-for="([^"]+)"[^>]* data-cluster=', shown)
    # "part-0" is what a script copies for another part.
    assert counters == ["part-1", "part-2", "part-3", "part-0", "id_text"]

    browser.cookies.clear()  # signed out meanwhile: the form waits until after signing in
    browser.post("/compose", sent)
    browser.force_login(alice)
    sent = fields(page(browser.get("/compose")))
    refused = browser.post("/compose", {**sent, "poll_choices": ["a"]})
    assert refused.status_code == 400
    sent = fields(page(refused)) | {"poll_choices": ["a", "b"]}
    browser.post("/compose", {**sent, "save_draft": "1"})
    after = Draft.objects.get().content
    assert [{**new, **old} for new, old in zip(after, before, strict=True)] == after

    forged = browser.post("/compose", {**sent, "rests": ["1.e30:forged", "x"]})
    assert forged.status_code == 400
    assert "Open the draft again." in page(forged)
    unticked = [each for each in sent["rests"] if not each.startswith("1.")]
    assert browser.post("/compose", {**sent, "rests": unticked}).status_code == 302
    posted = list(Tweet.objects.order_by("pk"))
    assert [tweet.visibility for tweet in posted] == ["followers"] * 4
    assert [tweet.spoiler for tweet in posted] == ["", "", "", "Long"]
    assert posted[0].language == "fr"
    assert [hasattr(tweet, "poll") for tweet in posted] == [True, False, False, False]
    assert posted[2].sensitive


def test_files_are_kept_while_the_rest_of_the_form_is_mended(browser: Client) -> None:
    sent = {"text": "One", "visibility": "public", "alt1": "A", "alt3": "C"}
    for wrong in ({"due_at": "soon", "schedule": "1"}, {"add_part": "1"}):
        files = {"file1": named(picture()), "file3": named(b"no picture")}
        shown = page(browser.post("/compose", {**sent, **wrong, **files}))
        assert len(fields(shown)["media_ids"]) == 1
        assert (fields(shown)["alt1"], fields(shown)["alt3"]) == ("", "C")
        assert 'class="composer-media" open' in shown
