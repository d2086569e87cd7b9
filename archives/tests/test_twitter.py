"""An archive of Twitter becomes tweets with their dates, threads and media."""

import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError

from accounts.models import User
from archives import running, services
from archives.models import Import, State
from media import storage
from media.models import Media
from tests.helpers import pictures
from tools import twitter_archive as twitter
from tweets import history
from tweets.models import Tweet

Drain = Callable[..., int]
NOON = datetime(2015, 5, 6, 12, 0, 0, 123_000, tzinfo=UTC)


def minutes(number: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=number)


def upload(owner: User, tweets: Sequence[Any], **more: Any) -> Import:
    """Begin the import of an archive with these tweets."""
    file = io.BytesIO()
    twitter.write(file, tweets, **more)
    return services.begin(owner=owner, file=SimpleUploadedFile("twitter.zip", file.getvalue()))


def texts(owner: User) -> list[str]:
    """The texts of an account's tweets, oldest first."""
    return list(Tweet.objects.filter(author=owner).order_by("pk").values_list("text", flat=True))


def test_tweets_come_with_their_dates_links_names_and_threads(
    alice: User, bob: User, drain: Drain
) -> None:
    first = twitter.tweet(minutes(0), 1, "Birds &amp; &lt;bees&gt; https://t.co/a, @bob")
    first["entities"]["urls"] = [twitter.link("https://t.co/a", "https://birds.example/long")]
    own = twitter.answer("Sparrow", first["id_str"])
    more = twitter.answer("wren", "42")
    tweets = [
        twitter.tweet(minutes(4), 5, "RT @bob: what bob wrote"),
        twitter.tweet(minutes(3), 4, "@Wren yes", **more),
        twitter.tweet(minutes(2), 3, "no name", **more),
        twitter.tweet(minutes(1), 2, "@sparrow More", **own),
        first,
    ]
    row = upload(alice, tweets, part=2)
    drain()
    row.refresh_from_db()
    assert (row.kind, row.state, row.done, row.total) == ("twitter", State.DONE, 4, 4)
    assert row.results == {"tweets": 4, "reposts": 1}
    assert texts(alice) == [
        "Birds & <bees> https://birds.example/long, @bob@twitter.com",
        "More",
        "@wren@twitter.com no name",
        "@Wren@twitter.com yes",
    ]
    one, two, *_ = Tweet.objects.filter(author=alice).order_by("pk")
    assert one.created_at == NOON, "to the millisecond, which is in its id"
    assert (two.reply_to_id, two.reply_to_author_id, one.replies_count) == (one.pk, alice.pk, 1)
    assert (one.language, one.visibility) == ("en", "public")


def test_pictures_and_videos_come_along(alice: User, drain: Drain) -> None:
    made = [twitter.tweet(minutes(at), at, f"T{at} https://t.co/m") for at in range(5)]
    ids = [each["id_str"] for each in made]
    photos = [
        twitter.photo("1", f"P{number}.jpg", "https://t.co/m", ext_alt_text=f"Bird {number}")
        for number in range(4)
    ]
    made[0]["extended_entities"] = {"media": photos}
    made[1]["extended_entities"] = {
        "media": [*photos[:1], twitter.video("best.mp4", "https://t.co/m")]
    }
    made[2]["full_text"] = "https://t.co/m"
    made[2]["extended_entities"] = {"media": photos[:1]}
    made[3]["extended_entities"] = {"media": photos[:1]}
    media = {f"{ids[0]}-P{number}.jpg": twitter.picture(number) for number in range(4)}
    media[f"{ids[1]}-P0.jpg"] = media[f"{ids[2]}-P0.jpg"] = twitter.picture(5)
    media[f"{ids[1]}-best.mp4"] = pictures.film()
    media[f"{ids[3]}-P0.jpg"] = b"not a picture"
    row = upload(alice, made, media=media)
    drain()
    row.refresh_from_db()
    assert row.results == {"tweets": 6, "media": 7, "lost_media": 1}
    assert [(t.text, t.media_count) for t in Tweet.objects.filter(author=alice).order_by("pk")] == [
        *[("T0", 4), ("T1", 1), ("", 1), ("", 1), ("T3", 0), ("T4 https://t.co/m", 0)]
    ]
    first = Tweet.objects.filter(author=alice).order_by("pk")[0]
    alts = (
        Media.objects.filter(tweet_id=first.pk).order_by("position").values_list("alt", flat=True)
    )
    assert list(alts) == [f"Bird {number}" for number in range(4)]
    assert not Media.objects.filter(state="processing").exists()


def test_a_long_text_becomes_a_thread(alice: User, drain: Drain) -> None:
    long = "One sentence of a long story about birds. " * 30
    cut = twitter.tweet(minutes(0), 1, long[:270] + "… https://t.co/n")
    note = {
        "noteTweetId": "1",
        "createdAt": "2015-05-06T12:00:00.000Z",
        "core": {"text": long, "urls": [], "mentions": []},
    }
    answering = twitter.tweet(minutes(1), 2, "After it", **twitter.answer("sparrow", cut["id_str"]))
    notes = twitter.assigned("note_tweet", 0, "noteTweet", [note])
    row = upload(alice, [cut, answering], more={"data/note-tweet.js": notes})
    drain()
    row.refresh_from_db()
    assert row.results == {"tweets": 4}
    one, two, three, four = Tweet.objects.filter(author=alice).order_by("pk")
    assert " ".join((one.text, two.text, three.text)) == long.strip()
    assert [two.reply_to_id, three.reply_to_id, four.reply_to_id] == [one.pk, two.pk, one.pk]


def test_the_same_archive_twice_is_once_and_a_newer_one_brings_what_is_new(
    alice: User, bob: User, drain: Drain
) -> None:
    tweets = [twitter.tweet(minutes(number), number, f"T{number}") for number in range(3)]
    upload(alice, tweets[:2])
    drain()
    Tweet.objects.filter(text="T0").update(deleted_at=NOON)
    answering = twitter.answer("sparrow", tweets[1]["id_str"])
    row = upload(alice, [*tweets, twitter.tweet(minutes(9), 9, "T9", **answering)])
    drain()
    row.refresh_from_db()
    assert row.results == {"tweets": 2, "already": 2}
    assert texts(alice) == ["T0", "T1", "T2", "T9"]
    assert Tweet.objects.get(text="T9").reply_to_id == Tweet.objects.get(text="T1").pk
    upload(bob, tweets)
    drain()
    assert texts(bob) == ["T0", "T1", "T2"], "of another account it is another import"


def test_a_tweet_that_is_none_is_named_and_the_others_are_there(alice: User, drain: Drain) -> None:
    wrong: list[Any] = [{"id_str": "x", "id": 5}, {"created_at": "yesterday"}]
    bad = [{**twitter.tweet(minutes(1), 2, "bad"), **part} for part in wrong]
    row = upload(alice, [twitter.tweet(minutes(0), 1, "good"), *bad, {}, None, [1], "x"])
    drain()
    row.refresh_from_db()
    assert (row.state, row.results) == (State.DONE, {"tweets": 1, "refused": 6})
    assert row.problems_count == len(row.problems) == 6
    assert texts(alice) == ["good"]


def test_strange_values_do_no_harm(alice: User, drain: Drain) -> None:
    strange = twitter.tweet(minutes(0), 1, "nul \x00 \ud800 \u202e \x07 https://t.co/a")
    strange |= {
        "lang": "und" * 50,
        "possibly_sensitive": "yes",
        "in_reply_to_screen_name": 7,
        "in_reply_to_status_id_str": {"a": 1},
        "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "javascript:alert(1)"}, 3]},
        "extended_entities": {"media": [{"video_info": {"variants": [None, {"url": 1}]}}, "x"]},
    }
    blank = twitter.tweet(minutes(1), 2, " ")
    row = upload(alice, [strange, blank])
    drain()
    row.refresh_from_db()
    assert row.results == {"tweets": 1, "refused": 1}
    assert texts(alice) == ["nul     https://t.co/a"]


def test_tweets_of_a_protected_account_are_for_followers(alice: User, drain: Drain) -> None:
    for number, (actions, visibility) in enumerate(
        (
            (("Protect",), "followers"),
            (("Protect", "Unprotect"), "public"),
            (("Protect", "Unprotect", "Protect"), "followers"),
            (("something new",), "followers"),
            ((), "public"),
        ),
        start=1,
    ):
        changes = [
            {"protectedAt": f"2020-01-0{day}", "action": action}
            for day, action in enumerate(actions, start=1)
        ]
        text = twitter.assigned("protected_history", 0, "protectedHistory", changes[::-1])
        more = {"data/protected-history.js": text} if actions else {}
        row = upload(alice, [twitter.tweet(minutes(number), number, "psst")], more=more)
        drain()
        row.refresh_from_db()
        assert (row.state, row.results) == (State.DONE, {"tweets": 1})
        assert Tweet.objects.latest("pk").visibility == visibility, actions


def test_files_of_what_was_undone_are_gone(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a batch is undone, or the whole step."""
    stored: list[str] = []
    put = storage.put

    def noting(path: str, file: Any) -> str:
        stored.append(put(path, file))
        return stored[-1]

    monkeypatch.setattr(storage, "put", noting)
    for error in (ValueError, OperationalError):
        monkeypatch.setattr(history, "write", Mock(side_effect=error))
        made = twitter.tweet(minutes(0), 0, "T https://t.co/m")
        photo = twitter.photo("1", "P.jpg", "https://t.co/m")
        made["extended_entities"] = {"media": [photo]}
        media = {f"{made['id_str']}-P.jpg": twitter.picture(1)}
        row = upload(alice, [made], media=media)
        archive = stored.pop()
        running.step(import_id=row.pk, turn=0)
        with suppress(OperationalError):
            running.step(import_id=row.pk, turn=1)
        assert stored != []
        assert not any(default_storage.exists(path) for path in stored), error
        assert default_storage.exists(archive)
        services.cancel(owner=alice, import_id=row.pk)
