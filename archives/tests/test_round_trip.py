"""An export that is imported on a fresh site gives the same account."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.core.management import call_command

from accounts.models import User
from archives import running, services
from archives.models import Import, State
from chirp import storage_urls
from chirp.times import rfc3339
from notifications.kinds import Kind as Notice
from notifications.models import Notification
from people.profile import update_profile
from tests.helpers.api_client import Api
from tests.helpers.pictures import picture, ready
from tests.helpers.tweets import post
from tweets import counters
from tweets.models import Like, Tweet

pytestmark = pytest.mark.usefixtures("own_storage")
Json = dict[str, Any]
HERE = ("text", "created_at", "edited_at", "visibility", "sensitive", "spoiler", "location")


def everything(user: User) -> Json:
    """What the API shows of an account, without ids and addresses, which differ."""
    api = Api(user)
    tweets = {
        tweet["id"]: tweet
        for path in ("tweets", "replies")
        for tweet in _all(api, f"/api/users/{user.handle}/{path}")
        if tweet["repost_of"] is None
    }
    texts = {id_: tweet["text"] for id_, tweet in tweets.items()}
    me, bob = api.get("/api/me").json(), api.get("/api/users/bob").json()["relationship"]
    return {
        "profile": {
            name: me[name] for name in ("name", "bio", "place", "link", "private", "time_zone")
        },
        "pictures": [bool(me[name]) for name in ("avatar", "header")],
        "tweets": sorted(
            (_plain(api, tweet, texts) for tweet in tweets.values()),
            key=lambda each: (each["created_at"], each["text"]),
        ),
        "counts": {name: me["counts"][name] for name in ("tweets", "following")},
        "pinned": [each["text"] for each in _all(api, f"/api/users/{user.handle}/pinned")],
        "follows": [each["handle"] for each in _all(api, f"/api/users/{user.handle}/following")],
        "mutes for a while": bool(bob["muting_until"]),
        "note": bob["note"],
        "lists": [
            {
                **{name: each[name] for name in ("name", "private", "exclusive", "members")},
                "people": [one["handle"] for one in _all(api, f"/api/lists/{each['id']}/members")],
            }
            for each in _all(api, "/api/lists")
        ],
        "filters": [_without_ids(each) for each in _all(api, "/api/filters")],
        "hashtags": [each["tag"] for each in _all(api, "/api/me/hashtags")],
        "drafts": [each["tweets"] for each in _all(api, "/api/drafts")],
        "bookmarks": [each["text"] for each in _all(api, "/api/bookmarks")],
        "notifications": api.get("/api/me/notification-settings").json(),
    }


def _all(api: Api, path: str) -> list[Any]:
    return list(api.get(f"{path}?limit=100" if "lists" not in path else path).json()["results"])


def _plain(api: Api, tweet: Json, texts: dict[str, str]) -> Json:
    history = _all(api, f"/api/tweets/{tweet['id']}/history") if tweet["edited_at"] else []
    media = ("kind", "alt", "focus", "width", "height")
    return {
        **{name: tweet[name] for name in HERE},
        "answers": texts.get(tweet["reply_to_id"] or ""),
        "quotes": texts.get(tweet["quote_of_id"] or ""),
        "counts": {name: tweet["counts"][name] for name in ("replies", "quotes")},
        "media": [{name: each.get(name) for name in media} for each in tweet["media"]],
        "poll": tweet["poll"] and _without_ids(tweet["poll"]),
        "history": [(each["text"], each["spoiler"], each["created_at"]) for each in history],
        "controls": (tweet["replies_from"], tweet["quotes_from"]),
    }


def _without_ids(value: Any) -> Any:
    """Drop ids, and what a poll says about the viewer and the time."""
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_ids(each) for name, each in value.items() if name not in ("id", "url")}


def live(alice: User, bob: User) -> None:
    """Alice has something of everything that an archive brings back."""
    api, of_bob = Api(alice), Api(bob)
    update_profile(
        user=alice,
        changes={
            "name": "Alice A",
            "bio": "Line\nand line",
            "place": "Hut",
            "private": True,
            "quotes_from": "followers",
        },
    )
    ready(alice, purpose="avatar")
    media = [
        ready(alice, picture("PNG", size), alt=f"Two\nlines {size}")
        for size in ((60, 40), (40, 60))
    ]
    first = post(alice, "one #tag @bob", media_ids=[each.pk for each in media])
    second = post(alice, "two", reply_to_id=first.pk, spoiler="Careful")
    post(alice, "three", reply_to_id=second.pk, visibility="followers")
    post(alice, "four", quote_of_id=first.pk, visibility="unlisted", replies_from="nobody")
    api.patch(f"/api/tweets/{second.pk}", {"text": "two, better"})
    place = {"lat": 48.137, "lon": 11.575, "name": "Munich"}
    api.post("/api/tweets", {"text": "five", "location": place, "sensitive": True})
    poll = {"choices": ["A", "B"], "expires_in": 3600}
    voted = api.post("/api/tweets", {"text": "six", "poll": poll, "visibility": "public"}).json()
    of_bob.put("/api/users/alice/follow")
    api.put("/api/me/follow-requests/bob")
    of_bob.post(f"/api/polls/{voted['id']}/votes", {"choices": [1]})
    api.put(f"/api/tweets/{first.pk}/pin")
    api.put(f"/api/tweets/{first.pk}/bookmark")
    api.put("/api/users/bob/follow")
    api.put("/api/users/bob/mute", {"seconds": 86_400})
    api.put("/api/users/bob/note", {"text": "met in Rome"})
    made = api.post("/api/lists", {"name": "Friends", "private": False, "exclusive": True}).json()
    api.put(f"/api/lists/{made['id']}/members/bob")
    phrases = [{"text": "spoilers", "whole_word": True}]
    api.post("/api/filters", {"title": "F", "phrases": phrases, "contexts": ["home"]})
    blur = {"title": "B", "phrases": phrases, "contexts": ["public"], "action": "blur"}
    api.post("/api/filters", blur)
    api.put("/api/hashtags/cats/follow")
    api.post("/api/drafts", {"tweets": [{"text": "a draft"}]})
    api.patch("/api/me/notification-settings", {"strangers": "filter", "digest": "daily"})


def fresh_site(person: Callable[..., User], place: Path, settings: Any) -> tuple[User, User]:
    """Another site: an empty database and an empty storage."""
    call_command("flush", interactive=False, verbosity=0)
    settings.STORAGES = {**settings.STORAGES, "default": storage_urls.storage(place.as_uri())}
    return person("alice"), person("bob")


def run(row: Import) -> Import:
    """Do all steps of an import, each twice."""
    while row.state == State.RUNNING:
        for _ in range(2):
            running.step(import_id=row.pk, turn=row.turn)
        row.refresh_from_db()
    return row


@pytest.mark.django_db(transaction=True)
def test_an_export_comes_back_as_it_was(
    alice: User,
    bob: User,
    person: Callable[..., User],
    drain: Callable[..., int],
    tmp_path: Path,
    settings: Any,
) -> None:
    live(alice, bob)
    drain()
    Tweet.objects.filter(text="six").update(created_at="2020-02-03T04:05:06.789Z")
    _end_poll()
    before = everything(alice)
    assert (len(before["tweets"]), all(before.values())) == (6, True), before
    file = tmp_path / "alice.zip"
    call_command("export_archive", "alice", str(file))

    alice, bob = fresh_site(person, tmp_path / "fresh", settings)
    for _ in range(2):  # twice is once
        with file.open("rb") as content:
            row = run(services.begin(owner=alice, file=File(content, "alice.zip")))
        assert (row.state, row.kind, row.problems) == (State.DONE, "chirp", [])
        drain()
    after = everything(User.objects.get(pk=alice.pk))
    for name, value in before.items():
        assert after[name] == value, name
    assert counters.check() == []


@pytest.mark.django_db
def test_likes_reposts_and_bookmarks_come_back_to_the_same_site(
    alice: User, bob: User, drain: Callable[..., int], tmp_path: Path
) -> None:
    api, theirs, mine = Api(alice), post(bob, "of bob"), post(alice, "of alice")
    secret = post(bob, "for followers", visibility="followers")
    api.put("/api/users/bob/follow")
    marked = [(theirs.pk, mark) for mark in ("like", "repost", "bookmark")]
    marked += [(mine.pk, "like"), (secret.pk, "like")]
    for id_, mark in marked:
        assert api.put(f"/api/tweets/{id_}/{mark}").status_code == 200
    day = "2026-02-03T04:05:06.789Z"
    Like.objects.update(created_at=day)
    file = tmp_path / "alice.zip"
    call_command("export_archive", "alice", str(file))

    def taken_back() -> None:
        for id_, mark in marked:
            assert api.delete(f"/api/tweets/{id_}/{mark}").status_code == 200

    taken_back()
    api.delete("/api/users/bob/follow")  # the import follows first: then the third is there
    drain()
    Notification.objects.all().delete()

    def imported() -> Json:
        with file.open("rb") as content:
            row = run(services.begin(owner=alice, file=File(content, "alice.zip")))
        assert (row.state, row.problems) == (State.DONE, [])
        drain()
        results: Json = row.results
        return results

    expected = {"likes": 3, "shared": 1, "bookmarks": 1}
    assert expected.items() <= imported().items()
    seen = api.get(f"/api/tweets/{theirs.pk}").json()
    assert [seen["viewer"][name] for name in ("liked", "reposted", "bookmarked")] == [True] * 3
    assert seen["counts"]["likes"] == seen["counts"]["reposts"] == 1
    assert api.get(f"/api/tweets/{secret.pk}").json()["viewer"]["liked"]
    likes = Like.objects.filter(user=alice)
    assert {rfc3339(like.created_at) for like in likes} == {day}
    kinds = set(Notification.objects.values_list("kind", flat=True))
    assert kinds <= {Notice.FOLLOW}, "nobody is told of old likes"
    assert counters.check() == []
    taken_back()
    assert not expected.keys() & imported().keys(), "what was removed since does not come back"


def _end_poll() -> None:
    from tweets.polls.models import Poll

    Poll.objects.update(ends_at="2020-02-03T05:05:06.789Z", ended_at="2020-02-03T05:05:06.789Z")


@pytest.mark.django_db
def test_what_is_wrong_in_an_archive_is_told(
    alice: User, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def archive(lines: str, **manifest: Any) -> Path:
        file = tmp_path / "bad.zip"
        with zipfile.ZipFile(file, "w") as package:
            about = {"format": "chirp", "version": 1, "site": "https://else.example", **manifest}
            package.writestr("manifest.json", json.dumps(about))
            package.writestr("data/tweets.jsonl", lines)
            package.writestr("data/profile.jsonl", '{"name": 7, "bio": null, "avatar": []}\n')
            package.writestr("data/lists.jsonl", '{"name": ""}\n{"members": [1, "nobody"]}\n')
            package.writestr("data/filters.jsonl", '{"id": "1", "phrases": 3}\n')
            package.writestr("data/follows.jsonl", '{"account": "nobody"}\n{"account": 9}\n')
        return file

    def imported(file: Path) -> Import:
        with file.open("rb") as content:
            return run(services.begin(owner=alice, file=File(content, file.name)))

    day = {"created_at": "2020-01-01T00:00:00Z"}
    wrong: list[Json] = [
        {},
        {"id": "1", "created_at": "yesterday", "text": "no date"},
        {**day, "id": "2", "text": "x" * 5_000},
        {**day, "id": "3", "text": "psst", "visibility": "direct"},
        {**day, "id": "4", "text": "hi", "poll": {"choices": [1]}},
        {**day, "id": "5", "text": "hi", "location": {"lat": 99, "lon": 1}},
        {"id": "7", "created_at": "0001-01-01T00:00:00+14:00", "text": "before all time"},
        {"id": "8", "created_at": "0001-01-01T00:00:00Z", "text": "Augustus"},
        {"id": "9", "created_at": "9999-01-01T00:00:00Z", "text": "not yet written"},
        {**day, "id": "10", "text": "", "quote_of": {"id": "of somebody else"}},
        {**day, "id": "11", "text": "@alice " * 30_000},
        {**day, "id": "12", "text": "x", "versions": [{"text": "x" * 300_000}]},
        {
            **day,
            "id": "6",
            "text": "ok @alice",
            "visibility": "public",
            "media": [{"file": "../x"}],
        },
    ]
    forged: list[Any] = ["x", "9" * 99, "-1", "1e9", 7, {"a": 1}, ["1"]]
    wrong += [{**day, "id": id_, "text": "forged"} for id_ in forged]
    deep = '{"id": "1", "x": ' + 700 * "[" + 700 * "]" + "}\n"
    row = imported(archive("".join(json.dumps(each) + "\n" for each in wrong)))
    assert row.state == State.DONE
    assert [tweet.text for tweet in Tweet.objects.all()] == ["ok @alice@else.example"]
    assert row.results["direct"] == 1
    assert row.problems_count >= 12 + len(forged)
    assert row.problems.count("An entry of tweets has an id that is none.") >= len(forged)
    assert [record for record in caplog.records if record.exc_info] == []
    for lines, more in (("[]\n", {}), ("{\n", {}), (deep, {}), ("", {"version": 2})):
        assert imported(archive(lines, **more)).state == State.FAILED, lines
