"""Imports through the API: the good path, others' imports, and files that are none."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from archives.events import ImportContinued
from archives.models import Import
from chirp.redis.client import client
from outbox.models import Event
from people.services import block
from tests.helpers.api_client import Api
from tools import twitter_archive as twitter

IMPORTS = "/api/me/imports"


def upload(owner: User, content: bytes, name: str = "archive.zip", **more: str) -> Any:
    """The response to an upload."""
    api = Api(owner)
    data = {"file": SimpleUploadedFile(name, content), **more}
    return api.client.post(IMPORTS, data, headers=api.headers)


def archive(**files: str | bytes) -> bytes:
    """A ZIP archive. In names, `__` is a slash and `_` a dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


def tweets(text: str) -> bytes:
    """An archive whose file of tweets has this text."""
    return archive(data__tweets_js=text)


def test_an_import_is_followed_to_its_end(alice: User, drain: Callable[..., int]) -> None:
    file = io.BytesIO()
    made = [twitter.tweet(twitter.BEGIN, 1, "hello"), twitter.tweet(twitter.BEGIN, 2, "RT @a: b")]
    twitter.write(file, made)
    begun = upload(alice, file.getvalue(), kind="twitter")
    assert begun.status_code == 201, begun.content
    row = begun.json()
    assert (row["kind"], row["state"], row["done"], row["total"]) == ("twitter", "running", 0, None)
    again = upload(alice, file.getvalue())
    assert (again.status_code, again.json()["error"]) == (409, "import_running")
    drain()
    path = f"{IMPORTS}/{row['id']}"
    now = Api(alice).get(path).json()
    assert (now["state"], now["done"], now["total"], now["error"]) == ("done", 1, 1, None)
    assert now["results"] == {"tweets": 1, "reposts": 1}
    assert Api(alice).get(IMPORTS).json() == {"results": [now]}
    (tweet,) = Api().get("/api/users/alice/tweets").json()["results"]
    assert (tweet["text"], tweet["created_at"]) == ("hello", "2012-01-01T00:00:00.000Z")
    assert Api(alice).delete(path).json() == now, "it has ended already"


def test_imports_of_others_are_not_there(alice: User, bob: User) -> None:
    id_ = upload(alice, b"Account address,Show boosts\n", "following_accounts.csv").json()["id"]
    for api, status in ((Api(bob), 404), (Api(), 401)):
        assert api.get(f"{IMPORTS}/{id_}").status_code == status
        assert api.delete(f"{IMPORTS}/{id_}").status_code == status
    assert Api(bob).get(IMPORTS).json() == {"results": []}
    assert (Api().get(IMPORTS).status_code, Api().client.post(IMPORTS).status_code) == (401, 401)
    assert Api(alice).get(f"{IMPORTS}/x").status_code == 404
    assert Api(alice).delete(f"{IMPORTS}/{id_}").json()["state"] == "cancelled"


LARGE = b"0" * 11 * 1024**2
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty."),
    "text": (b"hello", "This is no archive that can be imported."),
    "picture": (b"\x89PNG\r\n\x1a\n", "This is no archive that can be imported."),
    "cut": (tweets("window = []")[:-20], "is damaged, or was not uploaded completely"),
    "nothing": (archive(), "This is no archive that can be imported."),
    "others": (archive(readme_txt="hello"), "This is no archive that can be imported."),
    "outside": (archive(**{"__.___etc": "x", "data__tweets_js": "[]"}), "with the name"),
    "bomb": (archive(data__tweets_js=LARGE), "would unpack to far more than fits"),
    "tar": (b"\x1f\x8b\x08" + b"0" * 99, "pack its files as a ZIP archive"),
}


def test_what_is_no_archive_is_refused_with_a_reason(alice: User, settings: Any) -> None:
    for name, (content, reason) in REFUSED.items():
        answer = upload(alice, content)
        assert answer.status_code == 400, (name, answer.content)
        assert reason in answer.json()["message"], name
        assert "file" in answer.json()["fields"], name
    good = tweets("window = []")
    for kind in ("mastodon", "follows_csv", "x", "x" * 30, "\x00"):
        assert upload(alice, good, kind=kind).status_code == 400, kind
    api = Api(alice)
    assert api.client.post(IMPORTS, {"file": "text"}, headers=api.headers).status_code == 400
    assert api.post(IMPORTS, {"file": "text"}).status_code == 415
    settings.IMPORT_MAX_MB = 0
    assert upload(alice, good).status_code == 413
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("window = ", "There is no list in it."),
        ('[{"tweet": {}}', "It is cut short."),
        ('[{"tweet": {"id": }}]', "An entry is no valid JSON."),
        ("[1, 2]", "An entry is no object."),
        (b"[\xff\xfe]", "It is no UTF-8."),
        ("[" + '{"a":' * 100_000, "An entry is no valid JSON."),
    ],
)
def test_an_archive_that_is_broken_inside_ends_with_a_reason(
    alice: User, drain: Callable[..., int], text: Any, reason: str
) -> None:
    id_ = upload(alice, tweets(text)).json()["id"]
    drain()
    now = Api(alice).get(f"{IMPORTS}/{id_}").json()
    assert now["state"] == "failed"
    assert now["error"] == f"The file “data/tweets.js” is not as expected. {reason}"


def test_csv_files_of_mastodon(
    alice: User, bob: User, charlie: User, drain: Callable[..., int], settings: Any
) -> None:
    settings.SITE_URL = "https://chirp.example"
    User.objects.filter(pk=charlie.pk).update(private=True)
    files = {
        "following_accounts.csv": (
            "Account address,Show boosts,Notify on new posts,Languages\n"
            "bob@chirp.example,false,true,\n@charlie\nsomebody@far.example,true,false,\n,,\n"
            "alice,true,false,\nno handle,true\n"
        ),
        "lists.csv": "Friends,bob@chirp.example\nFriends,CHARLIE\nWork,far@far.example\nWork\n",
        "muted_accounts.csv": "Account address,Hide notifications\nbob@chirp.example,true\n",
        "blocked_accounts.csv": "charlie@chirp.example\nfar@far.example\n",
    }
    wanted: dict[str, dict[str, int]] = {
        "follows_csv": {"follows": 1, "requests": 1, "not_here": 1, "refused": 2},
        "lists_csv": {"lists": 1, "members": 2, "not_here": 1, "refused": 1},
        "mutes_csv": {"mutes": 1},
        "blocks_csv": {"blocks": 1, "not_here": 1},
    }
    for (name, text), (kind, results) in zip(files.items(), wanted.items(), strict=True):
        row = upload(alice, text.encode(), name)
        assert row.json().get("kind") == kind, row.content
        drain()
        now = Api(alice).get(f"{IMPORTS}/{row.json()['id']}").json()
        assert (now["state"], now["results"]) == ("done", results), (name, now)
    relation = Api(alice).get("/api/users/bob").json()["relationship"]
    assert (relation["following"], relation["muting"]) == (True, True)
    for name in ("blocked_domains.csv", "other.csv"):
        assert upload(alice, b"far.example\n", name).status_code == 400
    broken = upload(alice, b"Account address,Show boosts\n\xff\n", "following_accounts.csv").json()
    drain()
    error = Api(alice).get(f"{IMPORTS}/{broken['id']}").json()["error"]
    assert error == "The file is no text in UTF-8."


def test_bookmarks_of_this_site(
    alice: User, bob: User, drain: Callable[..., int], settings: Any
) -> None:
    settings.SITE_URL = "https://chirp.example"
    posted = [Api(bob).post("/api/tweets", {"text": "hi"}).json()["id"] for _ in range(2)]
    urls = [
        f"https://chirp.example/@bob/{posted[0]}",
        f"https://chirp.example/users/bob/statuses/{posted[1]}",
        *("https://far.example/@bob/1", "https://chirp.example/@bob/0", "http://[", "x"),
    ]
    row = upload(alice, "\n".join(urls).encode(), "bookmarks.csv").json()
    drain()
    now = Api(alice).get(f"{IMPORTS}/{row['id']}").json()
    assert now["results"] == {"bookmarks": 2, "not_here_tweets": 3, "refused": 1}
    block(blocker=bob, blocked=alice)
    upload(alice, "\n".join(urls).encode(), "bookmarks.csv")
    drain()
    assert Api(alice).get(IMPORTS).json()["results"][0]["results"]["not_here_tweets"] == 5


def test_a_key_that_is_sent_again_begins_nothing_new(alice: User) -> None:
    api, content = Api(alice), tweets("window = []")
    answers = [
        api.client.post(
            IMPORTS,
            {"file": SimpleUploadedFile("a.zip", content)},
            headers={**api.headers, "Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_follows_of_a_list_are_as_many_at_a_time_as_a_person_may(
    alice: User, person: Callable[..., User], settings: Any, drain: Callable[..., int]
) -> None:
    """The import waits, and loses none. What its owner does by hand does not have to wait."""
    names = [person(name).handle for name in ("dora", "erin", "finn", "gina", "hugo")]
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": (4, 300)}
    elsewhere = [f"{number}@elsewhere.example" for number in range(9)]
    lines = "\n".join(["nobody@elsewhere.example", *names, *elsewhere])
    path = f"{IMPORTS}/{upload(alice, lines.encode(), 'following.csv').json()['id']}"
    drain()
    now = Api(alice).get(path).json()
    assert (now["state"], now["done"], now["results"]["follows"]) == ("running", 5, 4)
    assert Api(alice).put("/api/users/hugo/follow").status_code == 200
    (event,) = Event.objects.filter(topic=ImportContinued.topic)
    assert timedelta(0) < event.due_at - timezone.now() <= timedelta(seconds=300)
    client().flushall()  # the time has come
    Event.objects.update(due_at=timezone.now())
    drain()
    now = Api(alice).get(path).json()
    assert (now["state"], now["done"], now["results"]["not_here"]) == ("done", 15, 10)
    assert Api(alice).get("/api/me").json()["counts"]["following"] == 5
