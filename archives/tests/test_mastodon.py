"""An archive of Mastodon becomes tweets with their audiences, warnings, threads and media."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from archives import services, work
from archives.models import Import, State
from media.models import Media
from tests.helpers.pictures import picture
from tests.helpers.tweets import post
from tweets.models import Bookmark, Tweet

Drain = Callable[..., int]
ME = "https://far.example/users/sparrow"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
FOLLOWERS = f"{ME}/followers"


def note(number: int, content: str, **more: Any) -> dict[str, Any]:
    """A post."""
    id_ = f"{ME}/statuses/{number}"
    return {
        "id": id_,
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": f"2019-03-04T05:06:{number:02d}Z",
        "to": [PUBLIC],
        "cc": [FOLLOWERS],
        "sensitive": False,
        "content": f"<p>{content}</p>",
        "contentMap": {"de": f"<p>{content}</p>"},
        "attachment": [],
        "tag": [],
        **more,
    }


def created(thing: dict[str, Any]) -> dict[str, Any]:
    """The activity of a post."""
    return {"id": f"{thing['id']}/activity", "type": "Create", "actor": ME, "object": thing}


def upload(
    owner: User, items: list[Any], files: dict[str, bytes] | None = None, top: str = ""
) -> Import:
    """Begin the import of an archive with these activities, and with files."""
    outbox = {
        "@context": ["https://www.w3.org/ns/activitystreams", {"a": ["b"]}],
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(items),
        "orderedItems": items,
    }
    actor = {"id": ME, "type": "Person", "preferredUsername": "sparrow", "followers": FOLLOWERS}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{top}outbox.json", json.dumps(outbox))
        archive.writestr(f"{top}actor.json", json.dumps(actor))
        for name, content in (files or {}).items():
            archive.writestr(f"{top}{name}", content)
    return services.begin(owner=owner, file=SimpleUploadedFile("a.zip", file.getvalue()))


def test_posts_come_with_audiences_warnings_threads_and_polls(
    alice: User, bob: User, drain: Drain
) -> None:
    mention = '<a href="https://other.example/@bob" class="u-url mention">@<span>bob</span></a>'
    yes = {"name": "Yes", "replies": {"totalItems": 3}}
    poll = {"type": "Question", "oneOf": [yes, {"name": "No"}]}
    items = [
        created(note(1, f"Hello {mention} &amp; @bob")),
        created(note(2, "More", inReplyTo=f"{ME}/statuses/1", to=[FOLLOWERS], cc=[])),
        created(note(3, "Quiet", to=[FOLLOWERS], cc=[PUBLIC], summary="Noise", sensitive=True)),
        created(note(4, "Psst", to=["https://other.example/users/bob"], cc=[])),
        created(note(5, "Really?", **poll)),
        created(note(6, "To bob", inReplyTo="https://other.example/users/bob/statuses/1")),
        {"type": "Announce", "object": "https://other.example/users/bob/statuses/2"},
        {"type": "Like", "object": "x"},
    ]
    row = upload(alice, items)
    drain()
    row.refresh_from_db()
    assert (row.kind, row.state, row.problems) == ("mastodon", State.DONE, [])
    assert row.results == {"tweets": 5, "direct": 1, "reposts": 1}
    found = list(Tweet.objects.filter(author=alice).order_by("pk"))
    assert [(tweet.text, tweet.visibility) for tweet in found] == [
        ("Hello @bob@other.example & @bob@far.example", "public"),
        ("More", "followers"),
        ("Quiet", "unlisted"),
        ("Really?\n\n○ Yes (3)\n○ No (0)", "public"),
        ("To bob", "public"),
    ]
    assert (found[2].spoiler, found[2].sensitive, found[2].language) == ("Noise", True, "de")
    assert [tweet.reply_to_id for tweet in found] == [None, found[0].pk, None, None, None]
    assert found[0].created_at.isoformat() == "2019-03-04T05:06:01+00:00"
    upload(alice, items)
    drain()
    assert Tweet.objects.filter(author=alice).count() == 5, "twice is once"


def test_media_and_bookmarks_come_along(
    alice: User, bob: User, drain: Drain, settings: Any
) -> None:
    settings.SITE_URL = "https://chirp.example"
    tweet = post(bob)
    urls = [f"https://chirp.example/@bob/{tweet.pk}", "https://far.example/@a/1", 5]
    path = "/media_attachments/files/1/original"
    attached = [
        *({"url": f"{path}/{at}.png", "name": f"Bird {at}"} for at in range(6)),
        {"url": "https://files.example/x/media_attachments/files/1/original/0.png", "name": None},
        {"url": "/media_attachments/../../etc/passwd"},
        *("x", None),
    ]
    files = {f"{path[1:]}/{at}.png": picture(size=(9 + at, 9)) for at in range(6)}
    files["bookmarks.json"] = json.dumps({"orderedItems": urls}).encode()
    items = [created(note(1, "", attachment=attached))]
    row = upload(alice, items, files, top="archive-1/")
    drain()
    row.refresh_from_db()
    assert row.results == {
        "tweets": 2,
        "media": 7,
        "lost_media": 1,
        "bookmarks": 1,
        "not_here_tweets": 1,
    }
    one, two = Tweet.objects.filter(author=alice).order_by("pk")
    assert (one.media_count, two.media_count, two.reply_to_id) == (4, 3, one.pk)
    assert Media.objects.get(tweet_id=one.pk, position=0).alt == "Bird 0"
    assert Bookmark.objects.get(user=alice).tweet_id == tweet.pk


def test_strange_values_do_no_harm(alice: User, drain: Drain) -> None:
    strange: list[dict[str, Any]] = [
        {"published": "yesterday"},
        {"published": "0001-01-01T00:00:00+23:00"},
        {"id": 5},
        {"to": {"a": 1}, "cc": 7},
        {"content": None},
        {"content": "<p>" * 5_000 + "deep", "attachment": {"a": 1}, "oneOf": "x", "contentMap": []},
    ]
    items = [created({**note(at, "x"), **more}) for at, more in enumerate(strange, 1)]
    nothing: list[Any] = [None, "x", [], {}]
    items += [{"type": "Create", "object": each} for each in nothing]
    row = upload(alice, items)
    drain()
    row.refresh_from_db()
    assert row.state == State.DONE
    assert row.results == {"tweets": 1, "refused": 4, "direct": 2}
    assert Tweet.objects.get(author=alice).text == "deep"


def test_a_file_that_many_posts_name_does_not_fill_the_storage(
    alice: User, drain: Drain, monkeypatch: Any
) -> None:
    monkeypatch.setattr(work, "SMALL_BYTES", 0)
    name, content = "media_attachments/files/1.png", picture("PNG") + os.urandom(20_000)
    attached = [{"type": "Document", "url": f"/{name}", "name": ""}]
    items = [created(note(number, "Look", attachment=attached)) for number in range(1, 21)]
    row = upload(alice, items, {name: content})
    most = work.MOST_TAKEN * row.bytes // len(content)
    assert most < 20
    drain(times=2)
    row.refresh_from_db()
    assert (row.results["tweets"], row.results["media"]) == (20, most)
    assert row.results["lost_media"] == 20 - most
