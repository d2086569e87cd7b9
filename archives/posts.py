"""Import posts of another site as tweets, with their media, as one kind of archive or another.

A post is a record with these fields (`post` makes one): the id there, the moment in seconds since
1970, the text with its names and links in full, the id of the own post that it answers, and the
rest as of a tweet. Media are names in the archive, with descriptions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from archives import texts
from archives.files import BadArchive, shown
from archives.work import Work
from chirp.errors import ChirpError, Unavailable
from chirp.plain_text import salvaged
from media.formats import Kind
from media.models import ALT_LENGTH
from media.services import MAX_IMAGES
from tweets import history
from tweets.history import PastTweet
from tweets.models import SPOILER_LENGTH
from tweets.visibility import Visibility

Post = dict[str, Any]
MEDIA_WEIGHT = 10
APART = 0.001  # seconds between the parts of one post


@dataclass(frozen=True, slots=True)
class Part:
    """A tweet of the thread that a post becomes. Mostly it is the only one."""

    text: str
    media_ids: tuple[int, ...] = ()


def post(
    *,
    id: str,
    at: float,
    text: str,
    reply_to: str | None = None,
    visibility: str = Visibility.PUBLIC.value,
    spoiler: str = "",
    sensitive: bool = False,
    language: str = "",
    media: Sequence[tuple[str, str]] = (),
) -> Post:
    """Return the record of a post."""
    return {**locals(), "media": [list(each) for each in media]}


def weight(record: Post) -> int:
    """Return how many posts without media a post is as much work as."""
    return 1 + MEDIA_WEIGHT * len(record.get("media", ()))


def write(work: Work, batch: Sequence[Post], *, source: str, host: str) -> None:
    """Import posts, unless they were imported before. `host` is the site of the names in them."""
    names = {post["id"] for post in batch} | {post["reply_to"] for post in batch}
    known = work.known(source, names - {None})
    found: dict[str, tuple[Post, list[Part]]] = {}
    for record in batch:
        if record["id"] in known or record["id"] in found:
            work.count("already")
        elif parts := _parts(work, record, host):
            found[record["id"]] = record, parts
    tweets = list(_threads(list(found.values()), known))
    history.write(author=work.owner, tweets=tweets)
    work.note(source, {id_: known[id_] for id_ in found})
    work.count("tweets", len(tweets))


def _threads(
    found: Sequence[tuple[Post, Sequence[Part]]], known: dict[str, int]
) -> Iterator[PastTweet]:
    """Yield the tweets of posts, and add the first tweet of each post to what is known."""
    moments = [
        datetime.fromtimestamp(record["at"] + at * APART, tz=UTC)
        for record, parts in found
        for at in range(len(parts))
    ]
    drawn = iter(zip(history.ids_for(moments), moments, strict=True))
    for record, parts in found:
        before = known.get(record["reply_to"])
        for part in parts:
            id_, moment = next(drawn)
            yield _tweet(record, part, id_, moment, before)
            known.setdefault(record["id"], id_)
            before = id_


def _parts(work: Work, record: Post, host: str) -> list[Part]:
    """Return the tweets that hold a post; none if it cannot be imported."""
    spoiler = salvaged(record["spoiler"], SPOILER_LENGTH)
    try:
        found = _joined(texts.parts(record["text"], host), _media(work, record))
        return [
            Part(_checked(part, spoiler if at == 0 else ""), part.media_ids)
            for at, part in enumerate(found)
        ]
    except Unavailable:
        raise
    except ChirpError as error:
        work.count("refused")
        work.problem(f"Of {_day(record)}, {shown(record['text'])}: {error.detail}")
        return []


def _checked(part: Part, spoiler: str) -> str:
    text, _ = history.checked(part.text, spoiler, may_be_blank=bool(part.media_ids))
    return text


def _joined(lines: Sequence[str], media: Sequence[tuple[int, ...]]) -> list[Part]:
    """Give the first media to the first text, and so on."""
    count = max(len(lines), len(media))
    return [
        Part(lines[at] if at < len(lines) else "", media[at] if at < len(media) else ())
        for at in range(count)
    ]


def _tweet(
    record: Post, part: Part, id_: int, moment: datetime, reply_to_id: int | None
) -> PastTweet:
    return PastTweet(
        id=id_,
        text=part.text,
        written_at=moment,
        reply_to_id=reply_to_id,
        visibility=record["visibility"],
        sensitive=record["sensitive"],
        spoiler=salvaged(record["spoiler"], SPOILER_LENGTH),
        language=record["language"],
        media_ids=part.media_ids,
    )


def _media(work: Work, record: Post) -> list[tuple[int, ...]]:
    """Store the media of a post. Return groups of ids: up to four pictures, or another file."""
    groups: list[list[int]] = []
    can_add = False
    for name, alt in record["media"]:
        stored = _stored(work, record, name, alt)
        if stored is None:
            continue
        media_id, is_image = stored
        if can_add and is_image and len(groups[-1]) < MAX_IMAGES:
            groups[-1].append(media_id)
        else:
            groups.append([media_id])
        can_add = is_image
    return [tuple(group) for group in groups]


def _stored(work: Work, record: Post, name: str, alt: str) -> tuple[int, bool] | None:
    """Store a file of the archive. Return its id and whether it is a picture, or None."""
    try:
        row = work.adopt(name, alt=salvaged(alt, ALT_LENGTH))
    except Unavailable:
        raise
    except ChirpError as error:
        work.count("lost_media")
        place = f"of {_day(record)}: " if isinstance(error, BadArchive) else f"{shown(name)}: "
        work.problem(place[0].upper() + place[1:] + error.detail)
        return None
    work.count("media")
    return row.pk, row.kind == Kind.IMAGE


def _day(record: Post) -> str:
    return datetime.fromtimestamp(record["at"], tz=UTC).strftime("%Y-%m-%d")
