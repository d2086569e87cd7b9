"""Mastodon's archive: a ZIP archive with `outbox.json`, `actor.json` and `media_attachments/`.

The outbox is a collection of ActivityPub, in which each `Create` has a post. What was for followers
stays for followers; direct posts are left out, since those they were for are not here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from archives import csv_lists, json_stream, posts, texts
from archives.entries import entries, moment_of, text_of
from archives.files import Archive, BadArchive, shown
from archives.kinds import Found, Kind
from archives.posts import Post
from archives.work import Work
from chirp.texts import text as _
from tweets.visibility import Visibility

TOP = r"(?:[^/]+/)?"
OUTBOX, ACTOR, BOOKMARKS = (rf"{TOP}{name}\.json" for name in ("outbox", "actor", "bookmarks"))
MEDIA = "media_attachments/"
PUBLIC = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
Json = Mapping[str, Any]


class MastodonKind(Kind):
    """An archive as Mastodon gives it to its members."""

    name, label = "mastodon", _("an archive of Mastodon")

    def matches(self, archive: Archive) -> bool:
        """Return whether there is an outbox."""
        return archive.zipped and bool(archive.matching(OUTBOX))

    def read(self, archive: Archive, work: Work) -> Iterator[Found]:
        """Yield a record for each post, the oldest first, and then for each bookmark."""
        author = _Author(archive)
        for name in archive.matching(OUTBOX):
            for activity in entries(archive, name, within="orderedItems"):
                if (found := _found(activity, author, work)) is not None:
                    yield found
        for name in archive.matching(BOOKMARKS):
            for url in _urls(archive, name, work):
                yield Found("bookmark", {"url": url}, stage=1)

    def weight(self, what: str, data: Any) -> int:
        """Media are more work than texts."""
        return posts.weight(data)

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Import posts, or bookmark tweets of this site."""
        if what == "bookmark":
            csv_lists.bookmark(work, [data["url"] for data in batch])
            return
        source, host = batch[0]["source"], batch[0]["host"]
        posts.write(work, batch, source=source, host=host)


class _Author:
    """Whose archive it is: the address there, and the names of the files in it."""

    def __init__(self, archive: Archive) -> None:
        actor: Json = {}
        for name in archive.matching(ACTOR)[:1]:
            with archive.open_text(name) as file:
                try:
                    actor = json_stream.whole(file)
                except json_stream.Malformed as error:
                    message = f"The file {shown(name)} is not as expected. {error}"
                    raise BadArchive(message) from None
        self.id = text_of(actor, "id")
        self.followers = text_of(actor, "followers") or f"{self.id}/followers"
        self.host = texts.host_of(self.id, "mastodon.invalid")
        top = archive.matching(OUTBOX)[0].removesuffix("outbox.json")
        self.files = {name.removeprefix(top): name for name in archive.names}


def _found(activity: Json, author: _Author, work: Work) -> Found | None:
    """Return the record of an activity, or count why there is none."""
    if activity.get("type") == "Announce":
        work.count("reposts")
        return None
    note = activity.get("object")
    visibility = _visibility(note, author) if isinstance(note, dict) else None
    if not isinstance(note, dict) or activity.get("type") != "Create":
        return None  # likes, deletions and the like
    if visibility is None:
        work.count("direct")
        return None
    post = _post(note, author, visibility)
    if post is None:
        work.count("refused")
        work.problem("A post has no id or date.")
        return None
    more = {"source": f"mastodon:{author.id}", "host": author.host}
    return Found("post", {**post, **more}, position=int(post["at"] * 1000))


def _visibility(note: Json, author: _Author) -> str | None:
    """Return whom a post is for; None if it is only for those whom it names."""
    to, cc = _addresses(note, "to"), _addresses(note, "cc")
    if to & PUBLIC:
        return Visibility.PUBLIC.value
    if cc & PUBLIC:
        return Visibility.UNLISTED.value
    return Visibility.FOLLOWERS.value if author.followers in to | cc else None


def _addresses(note: Json, key: str) -> set[str]:
    value = note.get(key)
    return {
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    }


def _post(note: Json, author: _Author, visibility: str) -> Post | None:
    moment = moment_of(note, "published")
    if not (id_ := text_of(note, "id")) or moment is None:
        return None
    answers = text_of(note, "inReplyTo")
    return posts.post(
        id=id_[:200],
        at=moment.timestamp(),
        text="\n\n".join(filter(None, (texts.from_html(text_of(note, "content")), _poll(note)))),
        reply_to=answers[:200] if answers.startswith(f"{author.id}/") else None,
        visibility=visibility,
        spoiler=text_of(note, "summary"),
        sensitive=note.get("sensitive") is True,
        language=_language(note),
        media=list(_media(note, author)),
    )


def _language(note: Json) -> str:
    """Return the language of a post that has one."""
    contents = note.get("contentMap")
    languages = list(contents) if isinstance(contents, dict) else []
    return languages[0] if len(languages) == 1 and LANGUAGE.fullmatch(languages[0]) else ""


def _poll(note: Json) -> str:
    """Return the choices of a poll, with the votes that they got, as lines of text."""
    choices = note.get("oneOf") or note.get("anyOf")
    lines = [
        f"○ {text_of(each, 'name')} ({_votes(each)})"
        for each in (choices if isinstance(choices, list) else [])
        if isinstance(each, dict)
    ]
    return "\n".join(lines)


def _votes(choice: Json) -> int:
    replies = choice.get("replies")
    votes = replies.get("totalItems") if isinstance(replies, dict) else 0
    return votes if isinstance(votes, int) and votes >= 0 else 0


def _media(note: Json, author: _Author) -> Iterator[tuple[str, str]]:
    """Yield the files of a post: the name in the archive, and the description."""
    attached = note.get("attachment")
    for each in attached if isinstance(attached, list) else []:
        if isinstance(each, dict):
            path = _path(text_of(each, "url"))
            path = path[max(path.find(MEDIA), 0) :].lstrip("/")
            yield author.files.get(path, path), text_of(each, "name")


def _urls(archive: Archive, name: str, work: Work) -> Iterator[str]:
    """Yield the addresses in a small collection. Without it the posts are still of use."""
    with archive.open_text(name) as file:
        try:
            items = json_stream.whole(file).get("orderedItems")
        except json_stream.Malformed as error:
            work.problem(f"The file {shown(name)} is not as expected. {error}")
            return
    yield from (
        each for each in (items if isinstance(items, list) else []) if isinstance(each, str)
    )


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
