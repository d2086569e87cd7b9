"""Everything of an account as one archive, for its owner only."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from archives.exporting import contents, package
from archives.exporting import services as exporting
from archives.models import Export, ExportedLines
from conftest import PASSWORD
from media import storage
from media.storage import StorageAway
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App
from tests.helpers.pages import page
from tests.helpers.pictures import ready
from tests.helpers.threads import Job, at_once

PROOF = {"password": PASSWORD}
EXPORT, DOWNLOAD = "/api/me/export", "/api/me/export/download"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_storage")]


def read(content: bytes) -> dict[str, bytes]:
    """The files of an archive, whose sums are right."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    listed = {each["name"]: each for each in json.loads(files["manifest.json"])["files"]}
    assert set(listed) == set(files) - {"manifest.json"}
    for name, each in listed.items():
        assert hashlib.sha256(files[name]).hexdigest() == each["sha256"], name
        assert len(files[name]) == each["bytes"]
    return files


def lines(files: dict[str, bytes], name: str) -> list[Any]:
    return [json.loads(line) for line in files[f"data/{name}.jsonl"].splitlines()]


def test_everything_is_in_it_and_nothing_secret(
    alice: User, bob: User, drain: Callable[..., int]
) -> None:
    mine, theirs = Api(alice), Api(bob)
    secret = App(alice).secret
    media = ready(alice, alt="Red and blue")
    ready(alice, purpose="avatar")
    first = mine.post("/api/tweets", {"text": "<b>one", "media_ids": [str(media.pk)]}).json()
    mine.patch(f"/api/tweets/{first['id']}", {"text": "<b>one, edited"})
    poll = {"choices": ["A", "B"], "expires_in": 3600}
    mine.post("/api/tweets", {"text": "two", "poll": poll, "visibility": "followers"})
    mine.post("/api/tweets", {"text": "@bob to you", "visibility": "direct"})
    theirs.post("/api/tweets", {"text": "@alice to me", "visibility": "direct"})
    of_bob = theirs.post("/api/tweets", {"text": "of bob"}).json()
    theirs.post("/api/tweets", {"text": "secret of bob", "visibility": "direct"})
    for mark in ("like", "repost", "bookmark"):
        mine.put(f"/api/tweets/{of_bob['id']}/{mark}")
    mine.put("/api/users/bob/follow")
    theirs.put("/api/users/alice/follow")
    own = mine.post("/api/lists", {"name": "Friends"}).json()["id"]
    mine.put(f"/api/lists/{own}/members/bob")
    mine.post("/api/drafts", {"tweets": [{"text": "a draft"}]})
    mine.put("/api/hashtags/cats/follow")

    begun = mine.post(EXPORT, PROOF)
    assert begun.status_code == 400
    begun = mine.post(EXPORT, {**PROOF, "code": "000000"})
    assert begun.status_code == 403
    exporting.begin(owner=alice)
    assert mine.post(EXPORT, {**PROOF, "code": _code(alice)}).status_code == 409
    assert mine.get(EXPORT).json()["state"] == "running"
    drain(times=2)
    state = mine.get(EXPORT).json()
    assert state["state"] == "done"
    assert not ExportedLines.objects.exists()
    _, file = exporting.download(owner=alice)
    content = file.read()
    assert len(content) == state["bytes"]
    files = read(content)

    tweets = lines(files, "tweets")
    assert [each["text"] for each in tweets] == ["<b>one, edited", "two", "@bob to you"]
    assert [each["text"] for each in tweets[0]["versions"]] == ["<b>one", "<b>one, edited"]
    assert tweets[0]["media"][0]["alt"] == "Red and blue"
    assert tweets[0]["media"][0]["file"] in files
    assert tweets[1]["poll"]["choices"] == ["A", "B"]
    (profile,) = lines(files, "profile")
    assert (profile["handle"], profile["avatar"] in files) == ("alice", True)
    assert [each["text"] for each in lines(files, "messages")] == ["@alice to me"]
    for name in ("likes", "bookmarks", "reposts"):
        assert [each["tweet"]["id"] for each in lines(files, name)] == [of_bob["id"]], name
    for name in ("follows", "followers"):
        assert [each["account"] for each in lines(files, name)] == ["bob"], name
    assert [each["members"] for each in lines(files, "lists")] == [["bob"]]
    assert [each["tag"] for each in lines(files, "hashtags")] == ["cats"]
    assert [each["tweets"][0]["text"] for each in lines(files, "drafts")] == ["a draft"]
    assert "&lt;b&gt;one, edited" in files["index.html"].decode()
    everything = b"".join(files.values())
    alice.refresh_from_db()
    for never in (secret, alice.password, "secret of bob", "of bob"):
        assert never.encode() not in everything, never


def _code(user: User) -> str:
    """A recovery code, since the code of the app was used."""
    from accounts import factors

    return factors.new_recovery_codes(user=user, address="")[0]


def test_only_its_owner_gets_it_after_a_proof(
    alice: User, bob: User, drain: Callable[..., int]
) -> None:
    mine = Api(alice)
    assert mine.get(EXPORT).status_code == 404
    assert mine.post(DOWNLOAD, PROOF).status_code == 404
    for bad, status in (({}, 400), ({"password": 7}, 400), ({"password": "wrong"}, 403)):
        assert mine.post(EXPORT, bad).status_code == status
        assert mine.post(DOWNLOAD, bad).status_code == status
    assert mine.post(EXPORT, PROOF).status_code == 202
    drain()
    answer = mine.post(DOWNLOAD, PROOF)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    read(b"".join(answer.streaming_content))
    assert Api(bob).post(DOWNLOAD, PROOF).status_code == 404
    assert Api().post(DOWNLOAD, PROOF).status_code == 401
    assert Api().get(EXPORT).status_code == 401


def test_the_page_begins_it_and_leads_to_it(alice: User, drain: Callable[..., int]) -> None:
    client = Client()
    assert client.get("/settings/export").status_code == 302
    client.post("/login", {"login": "alice", "password": PASSWORD})
    assert "Begin" in page(client.get("/settings/export"))
    assert "The export has begun." in page(client.post("/settings/export", follow=True))
    assert client.post("/settings/export").status_code == 409
    assert client.get("/settings/export/download").status_code == 404
    drain()
    assert "/settings/export/download" in page(client.get("/settings/export"))
    read(b"".join(client.get("/settings/export/download").streaming_content))  # type: ignore[attr-defined]
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    asked = client.get("/settings/export/download")
    assert asked.headers["Location"].startswith("/settings/confirm")


def test_it_is_kept_for_some_days_or_until_the_next(alice: User, drain: Callable[..., int]) -> None:
    first = exporting.begin(owner=alice)
    drain()
    second = exporting.begin(owner=alice)
    drain()
    assert list(Export.objects.values_list("pk", flat=True)) == [second.pk]
    with pytest.raises(FileNotFoundError):
        storage.open_file(first.path)
    exporting.forget_old(now=timezone.now() + timedelta(days=6))
    assert exporting.latest(owner=alice)
    exporting.forget_old(now=timezone.now() + timedelta(days=8))
    assert exporting.latest(owner=alice) is None
    with pytest.raises(FileNotFoundError):
        storage.open_file(second.path)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_begins(alice: User) -> None:
    raised = at_once([lambda: exporting.begin(owner=alice)] * 3)
    assert [type(error) for error in raised] == [exporting.ExportRunning] * 2
    (row,) = Export.objects.all()
    jobs: list[Job] = [lambda: exporting.step(export_id=row.pk, turn=0)] * 3
    assert at_once(jobs) == []
    assert ExportedLines.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_export_that_is_forgotten_while_it_is_written_leaves_nothing(
    alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = exporting.begin(owner=alice)
    Export.objects.update(part="")
    writing, write = threading.Barrier(2), package.write

    def slowly(*args: Any, **more: Any) -> None:
        writing.wait(10)
        write(*args, **more)

    def forget() -> None:
        writing.wait(10)
        exporting.forget_of(owner_id=alice.pk)

    monkeypatch.setattr(package, "write", slowly)
    assert at_once([lambda: exporting.step(export_id=row.pk, turn=0), forget]) == []
    assert not Export.objects.exists()
    assert not list(tmp_path.rglob("*.zip"))


def test_the_command_writes_the_same(alice: User, tmp_path: Path) -> None:
    Api(alice).post("/api/tweets", {"text": "from here"})
    file = tmp_path / "alice.zip"
    call_command("export_archive", "@alice", str(file))
    assert [each["text"] for each in lines(read(file.read_bytes()), "tweets")] == ["from here"]
    for wrong in (("alice", str(file)), ("nobody", str(tmp_path / "x.zip"))):
        with pytest.raises(CommandError):
            call_command("export_archive", *wrong)


def test_a_step_that_always_fails_ends_the_export_with_a_reason(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(user: User, after: int) -> Any:
        raise failure

    monkeypatch.setitem(contents.FILES, "profile", broken)
    away = StorageAway()
    for failure, reason in ((KeyError("@alice"), exporting.UNFORESEEN), (away, away.detail)):
        assert Api(alice).post(EXPORT, PROOF).status_code == 202
        row = Export.objects.latest("pk")
        for _ in range(exporting.MOST_FAILURES - 1):
            with pytest.raises(type(failure)):
                exporting.step(export_id=row.pk, turn=0)
        exporting.step(export_id=row.pk, turn=0)
        exporting.step(export_id=row.pk, turn=0)  # a message that is late
        told = Api(alice).get(EXPORT).json()
        assert (told["state"], told["error"]) == ("failed", reason)
        client = Client()
        client.post("/login", {"login": "alice", "password": PASSWORD})
        assert reason in page(client.get("/settings/export"))
        assert not ExportedLines.objects.exists()
