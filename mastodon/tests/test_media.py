"""Uploads, and statuses with them."""

import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from media.cleaning import clean
from media.models import Media
from media.processing import process
from moderation.models import Category
from moderation.reporting import report
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.pictures import picture, ready
from tests.helpers.tweets import post
from tweets import moderation
from tweets.deleted_media import keep_what_waits, remove
from tweets.deleting import delete_tweet
from tweets.later.content import NewTweet
from tweets.later.drafts import create_draft
from tweets.later.scheduling import post_due, reschedule, schedule
from tweets.models import Tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def upload(client: Mastodon, content: bytes, status: int = 202, **more: Any) -> Any:
    file = SimpleUploadedFile("x.svg", content, content_type="image/svg+xml")
    entity = "MediaAttachment" if status < 400 else ""
    data = {"file": file, **more}
    return client.send("post", "/api/v2/media", status=status, entity=entity, data=data).json()


def test_an_upload_is_processed_described_and_posted(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    new = upload(client, picture(), description="a cat", focus="0.5,-0.5")
    assert (new["url"], new["description"]) == (None, "a cat")
    path = f"media/{new['id']}"
    client.send("get", path, status=206, entity="MediaAttachment")
    process(media_id=int(new["id"]))
    done = client.get(path, "MediaAttachment")
    assert done["type"] == "image"
    assert done["url"].startswith("http://testserver/media/")
    assert done["meta"]["original"]["size"]
    assert done["meta"]["focus"] == {"x": 0.5, "y": -0.5}
    assert client.put(path, "MediaAttachment", {"description": "two"})["description"] == "two"
    Mastodon(bob).get(path, status=404)
    for body in ({"media_ids": [new["id"]]}, {"media_ids": new["id"], "status": "x"}):
        Mastodon(bob).post("statuses", "", body, status=422)
    attributes = [{"id": new["id"], "description": "three"}]
    body = {"media_ids": [new["id"]], "media_attributes": attributes}
    status = client.post("statuses", "Status", body)
    (shown,) = status["media_attachments"]
    assert (shown["id"], shown["description"]) == (new["id"], "three")
    seen = Mastodon(bob).get(f"accounts/{alice.pk}/statuses?only_media=true", "[Status]")
    assert [each["id"] for each in seen] == [status["id"]]
    client.get(path, status=404)
    client.delete(path, status=422)
    client.post("statuses", "", {"media_ids": [new["id"]]}, status=422)
    kept = client.put(f"statuses/{status['id']}", "Status", {**body, "status": "more"})
    assert kept["media_attachments"] == [shown]


def test_a_picture_of_a_deleted_status_can_be_in_its_next_version(alice: User, bob: User) -> None:
    client, media = Mastodon(alice), str(ready(alice).pk)
    body = {"status": "a dog", "media_ids": [media]}

    def redraft(id_: str) -> str:
        deleted = client.send("delete", f"statuses/{id_}", entity="Status").json()
        assert [each["id"] for each in deleted["media_attachments"]] == [media]
        described = client.put(f"media/{media}", "MediaAttachment", {"description": "a cat"})
        assert described["id"] == media
        address = described["url"].removeprefix("http://testserver")
        assert Client().get(address).status_code == 200
        assert Client().get(address.partition("?")[0]).status_code == 404
        made = client.post("statuses", "Status", body)
        assert made["media_attachments"][0]["description"] == "a cat"
        client.post("statuses", "", body, status=422)
        return str(made["id"])

    last = redraft(redraft(client.post("statuses", "Status", body)["id"]))
    assert Mastodon(bob).get(f"statuses/{last}")["media_attachments"][0]["id"] == media


@pytest.mark.parametrize("why", ["another's", "old", "hidden", "sensitive", "reported"])
def test_a_picture_stays_with_a_deleted_status(alice: User, bob: User, why: str) -> None:
    media = ready(alice)
    tweet = post(alice, "look", media_ids=[media.pk])
    decide: dict[str, Callable[[], object]] = {
        "hidden": lambda: moderation.hide_media(tweet_id=tweet.pk, by=bob),
        "sensitive": lambda: moderation.mark_sensitive(tweet_id=tweet.pk, by=bob),
        "reported": lambda: report(reporter=bob, category=Category.SPAM, tweet_ids=[tweet.pk]),
    }
    decide.get(why, lambda: None)()
    delete_tweet(author=alice, tweet_id=tweet.pk)
    if why == "old":
        long_ago = timezone.now() - timedelta(hours=25)
        Tweet.objects.filter(pk=tweet.pk).update(deleted_at=long_ago)
    client = Mastodon(bob if why == "another's" else alice)
    client.post("statuses", "", {"status": "x", "media_ids": [str(media.pk)]}, status=422)
    assert Media.objects.get().tweet_id == tweet.pk


@pytest.mark.parametrize("where", ["scheduled", "draft", "rescheduled"])
def test_a_picture_waits_with_what_is_written_anew(alice: User, where: str) -> None:
    media = ready(alice)
    tweet = post(alice, "look", media_ids=[media.pk])
    new: list[NewTweet] = [{"text": "look here", "media_ids": [media.pk]}]
    due = timezone.now() + timedelta(days=2)
    if where == "rescheduled":
        before = schedule(user=alice, tweets=[{"text": "later"}], due_at=due)
    delete_tweet(author=alice, tweet_id=tweet.pk)
    Mastodon(alice).delete(f"media/{media.pk}", "Empty")
    if where == "draft":
        create_draft(user=alice, tweets=new)
    elif where == "rescheduled":
        reschedule(user=alice, scheduled_id=before.pk, tweets=new)
    else:
        schedule(user=alice, tweets=new, due_at=due)
    past_grace = timezone.now() + timedelta(days=settings.DELETED_GRACE_DAYS + 2)
    Tweet.objects.filter(pk=tweet.pk).update(deleted_at=timezone.now() - timedelta(hours=25))
    keep_what_waits()
    remove(now=past_grace)
    assert clean(now=past_grace) == 0
    if where == "draft":
        post_tweet(author=alice, text="look here", media_ids=[media.pk])
    else:
        assert post_due(now=past_grace) == 1
    assert Media.objects.get().tweet_id == Tweet.objects.latest("pk").pk


def test_an_upload_can_be_removed(alice: User, bob: User) -> None:
    media, client = ready(alice), Mastodon(alice)
    Mastodon(bob).delete(f"media/{media.pk}", status=404)
    client.delete(f"media/{media.pk}", "Empty")
    client.get(f"media/{media.pk}", status=404)
    assert not Media.objects.exists()


def test_what_is_refused(alice: User) -> None:
    client = Mastodon(alice)
    for content in (b"<svg/>", b"<html>", b""):
        error = upload(client, content, 422)["error"]
        assert error.startswith("Validation failed: ")
    upload(client, picture(), 422, description="x" * 1501)
    upload(client, picture(), 422, focus="9,9")
    client.post("/api/v2/media", "", {"file": "not a file"}, status=422)
    client.post("/api/v2/media", "", {}, status=400)


def test_the_older_version_waits(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(_: float) -> None:
        process(media_id=Media.objects.get().pk)  # in place of a worker beside this process

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=work)
    monkeypatch.setattr("mastodon.views.media.time", clock)  # other threads sleep as before
    file = SimpleUploadedFile("x.png", picture())
    done = Mastodon(alice).send("post", "media", data={"file": file}, entity="MediaAttachment")
    assert done.json()["url"] is not None
