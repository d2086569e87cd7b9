"""What is removed, when, and what never is."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from chirp import storage_urls
from media import cleaning, links, processing, services, storage
from media.models import Media, State
from tests.helpers.admin import browser
from tests.helpers.pictures import picture, ready, uploaded
from tests.helpers.threads import at_once
from tests.helpers.tweets import post
from tweets import deleted_media
from tweets.deleting import delete_tweet
from tweets.later import drafts, scheduling
from tweets.models import Tweet
from tweets.moderation import hide_tweet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_storage")]


def after(**time: float) -> datetime:
    """A time from now on."""
    return timezone.now() + timedelta(**time)


def has_files(media: Media) -> bool:
    """Whether any file of an upload is stored."""
    return media.key in storage.directories(media.key[:2])


def test_an_upload_without_a_tweet_is_kept_for_a_day(alice: User) -> None:
    unused, failed = ready(alice), ready(alice, picture("JPEG", (640, 480))[:900])
    posted = ready(alice)
    post(alice, media_ids=[posted.pk])
    assert failed.state == State.FAILED
    assert cleaning.clean(now=after(hours=23)) == 0
    assert cleaning.clean(now=after(hours=25)) == 2
    assert cleaning.clean(now=after(hours=25)) == 0
    assert list(Media.objects.all()) == [posted]
    assert [has_files(each) for each in (unused, failed, posted)] == [False, False, True]


def test_an_avatar_stays_while_it_is_used(alice: User, drain: Callable[..., int]) -> None:
    first, second = (uploaded(alice, purpose="avatar") for _ in range(2))
    header = uploaded(alice, purpose="header")
    drain()
    assert cleaning.clean(now=after(hours=25)) == 1
    assert set(Media.objects.values_list("pk", flat=True)) == {second.pk, header.pk}
    assert not has_files(first)


def test_what_belonged_to_an_account_goes_with_it(alice: User) -> None:
    media = ready(alice)
    post(alice, media_ids=[media.pk])
    alice.delete()
    assert cleaning.clean(now=timezone.now()) == 1
    assert not has_files(media)


def test_media_of_a_deleted_tweet_are_removed_after_the_grace_period(
    alice: User, settings: Any
) -> None:
    media, kept = ready(alice), ready(alice)
    tweet = post(alice, media_ids=[media.pk])
    post(alice, media_ids=[kept.pk])
    delete_tweet(author=alice, tweet_id=tweet.pk)
    days = settings.DELETED_GRACE_DAYS
    assert deleted_media.remove(now=after(days=days - 1)) == 0
    assert has_files(media)
    assert deleted_media.remove(now=after(days=days + 1)) == 1
    assert deleted_media.remove(now=after(days=days + 1)) == 0
    assert not has_files(media)
    assert list(Media.objects.all()) == [kept]
    assert Tweet.objects.get(pk=tweet.pk).media_count == 0


def test_an_original_that_outlived_its_processing_is_removed(alice: User) -> None:
    media = uploaded(alice)
    Media.objects.filter(pk=media.pk).update(state=State.FAILED)
    cleaning.clean(now=timezone.now())
    assert not default_storage.exists(media.original)
    assert Media.objects.get().original == ""


def test_files_without_a_row_are_found_when_they_are_old(alice: User) -> None:
    media, lost = ready(alice), uploaded(alice)
    Media.objects.filter(pk=lost.pk).delete()
    assert cleaning.remove_strays(now=timezone.now()) == 0
    assert cleaning.remove_strays(now=after(hours=25)) == 1
    assert [has_files(each) for each in (media, lost)] == [True, False]


def test_the_storage_being_away_removes_no_row(alice: User, settings: Any) -> None:
    uploaded(alice)
    away = storage_urls.storage("s3+http://a:b@127.0.0.1:9/media")
    backends = {**settings.STORAGES, "default": away}
    with override_settings(STORAGES=backends), pytest.raises(storage.StorageAway):
        cleaning.clean(now=after(hours=25))
    assert Media.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_posting_and_cleaning_at_once_leaves_no_tweet_without_its_picture(alice: User) -> None:
    for _ in range(5):
        media = ready(alice)

        def attach(media_id: int = media.pk) -> None:
            post(alice, media_ids=[media_id])

        raised = at_once([attach, lambda: cleaning.clean(now=after(hours=25))])
        assert all(isinstance(error, services.UnknownMedia) for error in raised)
        assert Media.objects.filter(pk=media.pk).exists() is not bool(raised)
        assert has_files(media) is not bool(raised)


def test_an_upload_that_is_removed_while_it_is_processed(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = uploaded(alice)
    run = processing._run

    def remove_meanwhile(job: Any) -> Any:
        result = run(job)
        cleaning.clean(now=after(hours=25))
        return result

    monkeypatch.setattr(processing, "_run", remove_meanwhile)
    processing.process(media_id=media.pk)
    assert not Media.objects.exists()
    assert cleaning.remove_strays(now=after(hours=25)) <= 1  # an empty directory
    assert not has_files(media)


def test_the_command_counts_and_cleans(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    ready(alice)
    Media.objects.update(created_at=after(days=-2))
    call_command("media", "stats")
    assert capsys.readouterr().out.startswith("tweet image ready: 1, ")
    call_command("media", "clean", "--storage")
    assert capsys.readouterr().out == "Removed 1 uploads.\nRemoved files of 0 others.\n"


# --- The admin ----------------------------------------------------------------------------------


def test_moderators_see_pictures_also_of_hidden_tweets_but_of_no_direct_one(
    alice: User, bob: User
) -> None:
    moderator = browser(bob, "tweets.view_tweet", "media.view_media")
    tweet = post(alice, media_ids=[ready(alice).pk])
    hide_tweet(tweet_id=tweet.pk, by=bob)
    html = moderator.get(f"/admin/tweets/tweet/{tweet.pk}/change/").content.decode()
    (url,) = re.findall(r'<img src="(/media/[^"]+)"', html)
    assert Client().get(url.replace("&amp;", "&")).status_code == 200
    assert Client().get(url.partition("?")[0]).status_code == 404

    media = ready(alice)
    secret = post(alice, "@bob", media_ids=[media.pk], visibility="direct")
    html = moderator.get(f"/admin/tweets/tweet/{secret.pk}/change/").content.decode()
    assert 'src="/media/' not in html
    path = links.signed(media.key, "small.webp", viewer_id=links.MODERATOR, now=after().timestamp())
    assert Client().get(f"/{path}").status_code == 404


def test_the_admin_lists_uploads_and_changes_none(alice: User, bob: User) -> None:
    moderator = browser(bob, "tweets.view_tweet", "media.view_media")
    media = ready(alice, alt="private words")
    page = moderator.get("/admin/media/media/")
    assert page.status_code == 200
    assert "private words" not in page.content.decode()
    assert moderator.get(f"/admin/media/media/{media.pk}/change/").status_code == 200
    assert moderator.get("/admin/media/media/add/").status_code == 403
    for term, found in (("@alice", True), ("@bob", False), ("5", False)):
        html = moderator.get(f"/admin/media/media/?q={term}").content.decode()
        assert (f"/{media.pk}/change/" in html) is found


def test_uploads_of_drafts_and_scheduled_tweets_are_kept(alice: User) -> None:
    drafted, planned, loose = ready(alice), ready(alice), ready(alice)
    draft = drafts.create_draft(user=alice, tweets=[{"text": "", "media_ids": [drafted.pk]}])
    scheduling.schedule(
        user=alice, tweets=[{"text": "soon", "media_ids": (planned.pk,)}], due_at=after(days=3)
    )
    deleted_media.keep_what_waits()
    assert cleaning.clean(now=after(hours=25)) == 1
    assert set(Media.objects.all()) == {drafted, planned}
    assert not has_files(loose)
    drafts.delete_draft(user=alice, draft_id=draft.pk)
    deleted_media.keep_what_waits()
    assert cleaning.clean(now=after(hours=25)) == 1
    scheduling.post_due(now=after(days=3))
    assert Tweet.objects.get().media_count == 1
