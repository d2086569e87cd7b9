"""Twitter's archive: a ZIP archive with `data/tweets.js` and the media of the tweets.

Each file assigns a list: `window.YTD.tweets.part0 = [ {"tweet": {...}}, ... ]`. Reposts, likes,
followers and followed accounts are left out: reposts only name what others wrote, and followed
accounts have no names in it, only numbers. The tweets of an account that was protected in the end
are for followers.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from archives import posts
from archives.entries import entries, moment_of, text_of
from archives.files import Archive
from archives.kinds import Found, Kind
from archives.posts import Post
from archives.work import Work
from chirp.texts import text as _
from tweets import history
from tweets.visibility import Visibility

HOST = "twitter.com"
TOP = r"(?:[^/]+/)?(?:data/)?"
TWEETS = rf"{TOP}tweets?(-part\d+)?\.js"
NOTES = rf"{TOP}note-tweet(-part\d+)?\.js"
ACCOUNT = rf"{TOP}account\.js"
PROTECTED = rf"{TOP}protected-history\.js"
MEDIA = re.compile(rf"{TOP}tweets?_media/(\d+)-(.+)")
REPOST = re.compile(r"RT @\w+:")
SHORT = re.compile(r"\s*https://t\.co/\w+")
# Since November 2010 an id has its time, in milliseconds.
ID_EPOCH_MS, ID_SHIFT, FIRST_WITH_TIME = 1_288_834_974_657, 22, 29_700_859_247
LONG = 200  # characters: a note has more than a tweet can
SAME_BEGINNING = 100


class TwitterKind(Kind):
    """An archive as Twitter (X) gives it to its members."""

    name, label = "twitter", _("an archive of Twitter")

    def matches(self, archive: Archive) -> bool:
        """Return whether there is a file of tweets."""
        return bool(archive.matching(TWEETS))

    def read(self, archive: Archive, work: Work) -> Iterator[Found]:
        """Yield a record for each tweet that is no repost, the oldest first."""
        owner = _owner(archive)
        source = f"twitter:{owner.get('accountId') or owner.get('username') or ''}"
        media, notes = _media_names(archive.names), _notes(archive)
        visibility = (Visibility.FOLLOWERS if _is_protected(archive) else Visibility.PUBLIC).value
        for name in archive.matching(TWEETS):
            for tweet in entries(archive, name, "tweet"):
                post = _post(tweet, text_of(owner, "username"), media, notes)
                if post is None:
                    work.count("refused")
                    work.problem("A tweet has no id, text or date.")
                elif REPOST.match(post["text"]):
                    work.count("reposts")
                else:
                    data = {**post, "source": source, "visibility": visibility}
                    yield Found("tweet", data, position=int(post["id"]))

    def weight(self, what: str, data: Any) -> int:
        """Media are more work than texts."""
        return posts.weight(data)

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Import tweets."""
        posts.write(work, batch, source=batch[0]["source"], host=HOST)


def _owner(archive: Archive) -> Mapping[str, Any]:
    for name in archive.matching(ACCOUNT) if archive.zipped else ():
        for account in entries(archive, name, "account"):
            return account
    return {}


def _is_protected(archive: Archive) -> bool:
    """Return whether the account was protected when the archive was made.

    What is not understood counts as protected: it can be opened later, and not be taken back.
    """
    latest = "", ""
    for name in archive.matching(PROTECTED) if archive.zipped else ():
        for change in entries(archive, name, "protectedHistory"):
            latest = max(latest, (text_of(change, "protectedAt"), text_of(change, "action") or "?"))
    return latest[1] not in ("", "Unprotect")


def _media_names(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the files of each tweet: {id of the tweet: {name there: name in the archive}}."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        if match := MEDIA.fullmatch(name):
            found[match[1]][match[2]] = name
    return found


def _notes(archive: Archive) -> dict[int, list[Mapping[str, Any]]]:
    """Return the texts that were too long for a tweet, by the second in which they were written."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for name in archive.matching(NOTES):
        for note in entries(archive, name, "noteTweet"):
            core = note.get("core")
            written = moment_of(note, "createdAt")
            if written is not None and isinstance(core, dict):
                found[int(written.timestamp())].append(core)
    return found


def _post(
    tweet: Mapping[str, Any],
    owner: str,
    media: Mapping[str, Mapping[str, str]],
    notes: Mapping[int, Sequence[Mapping[str, Any]]],
) -> Post | None:
    """Return the record of a tweet, or None if it lacks what a tweet must have."""
    id_, written = text_of(tweet, "id_str") or text_of(tweet, "id"), _written(tweet)
    if not (id_.isascii() and id_.isdigit() and len(id_) <= 19 and int(id_) < 2**63) or not written:
        return None
    files = list(_files(tweet, media.get(id_, {})))
    text = _full_text(tweet, notes.get(int(written), ()), has_media=bool(files))
    answers = text_of(tweet, "in_reply_to_status_id_str") or text_of(tweet, "in_reply_to_status_id")
    to = text_of(tweet, "in_reply_to_screen_name")
    is_own = bool(answers) and to.lower() == owner.lower() != ""
    return posts.post(
        id=id_,
        at=_exact(int(id_), written),
        text=_addressed(text, to, is_own=is_own),
        reply_to=answers if is_own else None,
        sensitive=tweet.get("possibly_sensitive") is True,
        language=_language(text_of(tweet, "lang")),
        media=files,
    )


def _written(tweet: Mapping[str, Any]) -> float:
    """Return when it was written, in seconds since 1970; 0 if that is not there."""
    try:
        moment = datetime.strptime(text_of(tweet, "created_at"), "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        return 0
    found = history.past(moment)
    return found.timestamp() if found else 0


def _exact(id_: int, written: float) -> float:
    """Return the time in the id if it is in the second in which the tweet was written."""
    moment = ((id_ >> ID_SHIFT) + ID_EPOCH_MS) / 1000
    return moment if id_ > FIRST_WITH_TIME and 0 <= moment - written < 2 else written


def _full_text(
    tweet: Mapping[str, Any], notes: Sequence[Mapping[str, Any]], *, has_media: bool
) -> str:
    raw = text_of(tweet, "full_text") or text_of(tweet, "text")
    text = html.unescape(raw)
    own = _objects(tweet, "entities", "media") + _objects(tweet, "extended_entities", "media")
    for link in {text_of(each, "url") for each in own} - {""}:
        text = text.replace(link, "" if has_media else link)
    links = [
        (each.get("url"), each.get("expanded_url")) for each in _objects(tweet, "entities", "urls")
    ]
    if len(raw) >= LONG and (note := _note_of(text, notes)):
        text = text_of(note, "text")
        found = note.get("urls")
        urls = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        links = [(each.get("shortUrl"), each.get("expandedUrl")) for each in urls]
    return _with_links(text, links).strip()


def _note_of(text: str, notes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    beginning = SHORT.sub("", text)[:SAME_BEGINNING].rstrip("…")
    same = (note for note in notes if SHORT.sub("", text_of(note, "text")).startswith(beginning))
    return next(same, None)


def _with_links(text: str, links: Iterable[tuple[Any, Any]]) -> str:
    for short, full in links:
        is_pair = isinstance(short, str) and short and isinstance(full, str)
        if is_pair and full.startswith(("http://", "https://")):
            text = text.replace(short, full)
    return text


def _addressed(text: str, to: str, *, is_own: bool) -> str:
    """Return a reply with the name of whom it answers, unless that is its author."""
    name = f"@{to}"
    begins = text[: len(name)].lower() == name.lower()
    if is_own:
        return text[len(name) :].lstrip() if begins else text
    if not to or re.search(rf"@{re.escape(to)}\b", text, re.IGNORECASE):
        return text
    return f"{name} {text}"


def _files(tweet: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the media of a tweet: the name in the archive, and the description."""
    media = _objects(tweet, "extended_entities", "media") or _objects(tweet, "entities", "media")
    for each in media:
        wanted = [
            *_variants(each),
            *(text_of(each, key) for key in ("media_url_https", "media_url")),
        ]
        found = (names.get(PurePosixPath(_path(url)).name) for url in wanted)
        if name := next(filter(None, found), None):
            yield name, text_of(each, "ext_alt_text") or text_of(each, "alt_text")


def _variants(media: Mapping[str, Any]) -> list[str]:
    """Return the addresses of a video, the best one first."""
    info = media.get("video_info")
    found = info.get("variants") if isinstance(info, dict) else None
    variants = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [text_of(each, "url") for each in sorted(variants, key=_bitrate, reverse=True)]


def _bitrate(variant: Mapping[str, Any]) -> int:
    text = str(variant.get("bitrate", 0))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _objects(tweet: Mapping[str, Any], *keys: str) -> list[dict[str, Any]]:
    """Return the objects of a list within a tweet; none if there is no such list."""
    value: Any = tweet
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _language(code: str) -> str:
    """Return a language tag. Twitter's own codes, such as `und` and `qme`, are none."""
    is_none = code in ("und", "zxx", "art") or code.startswith("q")
    return "" if is_none or not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", code) else code
