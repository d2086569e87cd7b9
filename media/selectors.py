"""Reads of media."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, Count, F, Sum, When

from accounts.models import User
from chirp.errors import NotFound
from media import sql
from media.models import Media, Purpose, State
from media.previews.models import Preview

SIZES = ("small", "medium", "large")
Link = Callable[[str, str], str]  # (key, name) -> the address of a file


class Item(NamedTuple):
    """A file of a tweet, as it is in the database."""

    id: int
    key: str
    kind: str
    state: str
    alt: str
    focus_x: float
    focus_y: float
    blurhash: str
    width: int | None
    height: int | None
    duration: float | None
    files: Mapping[str, Any]


class Address(NamedTuple):
    """A file that can be requested. `url` is a path without a slash in front."""

    url: str
    type: str
    width: int | None
    height: int | None


class Shown(NamedTuple):
    """A file as one viewer sees it. Without `sizes`, it is not ready, or failed.

    `sizes` are the pictures of it, from the smallest to the largest: for a video its poster. `main`
    is what to play, and for a picture the largest of its sizes.
    """

    id: int
    kind: str
    state: str
    alt: str
    focus_x: float
    focus_y: float
    blurhash: str
    width: int | None
    height: int | None
    duration: float | None
    sizes: tuple[tuple[str, Address], ...]
    main: Address | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the storage, and to what it belongs."""

    owner_id: int | None
    purpose: str
    tweet_id: int | None
    path: str
    type: str
    bytes: int


def of_tweets(tweet_ids: Sequence[int]) -> dict[int, list[Item]]:
    """Return the files of these tweets, by tweet. Makes one query."""
    rows = sql.OF_TWEETS.rows(ids=tweet_ids)
    return {
        tweet_id: [Item._make((*row[1:-1], json.loads(row[-1]))) for row in group]
        for tweet_id, group in groupby(rows, key=itemgetter(0))
    }


def item_of(media: Media) -> Item:
    """The same of one row."""
    return Item(**{name: getattr(media, name) for name in Item._fields})


def shown(item: Item, link: Link) -> Shown:
    """Return the file with the addresses that `link` makes."""
    addresses = {
        name: Address(link(item.key, name), file["type"], file["width"], file["height"])
        for name, file in item.files.items()
    }
    sizes = {
        name.partition(".")[0]: address
        for name, address in addresses.items()
        if address.type.startswith("image/")
    }
    ordered = [(name, sizes[name]) for name in SIZES if name in sizes]
    played = [each for each in addresses.values() if not each.type.startswith("image/")]
    main = played[0] if played else ordered[-1][1] if ordered else None
    return Shown._make((item.id, *item[2:-1], tuple(ordered), main))


def access_own(*, owner: User, media_id: int) -> Media:
    """Return an upload of the owner. Raises NotFound."""
    media = Media.objects.filter(pk=media_id, owner=owner).first()
    if media is None:
        raise NotFound
    return media


def unused(*, owner: User, media_ids: Sequence[int]) -> list[Media]:
    """Return those of these uploads that are the owner's and in no tweet, in this order."""
    own = Media.objects.filter(owner=owner, tweet_id=None, purpose=Purpose.TWEET)
    rows = own.exclude(state=State.FAILED).in_bulk(list(media_ids))
    return [rows[id_] for id_ in media_ids if id_ in rows]


def find_file(*, key: str, name: str) -> Stored:
    """Return a file by its address. Raises NotFound. Whether one may see it is for the caller."""
    rows = sql.BY_KEY.rows(key=key, name=name)
    if not rows or rows[0][-1] is None:
        raise NotFound
    file = json.loads(rows[0][-1])
    values = (*rows[0][:-1], file["path"], file["type"], file["bytes"])
    return Stored(*values)


def is_in_use(file: Stored, key: str) -> bool:
    """Whether the file is the avatar or header of an active account, or of a link preview now."""
    if file.purpose == Purpose.CARD:
        return bool(Preview.objects.filter(image__key=key).exists())
    users = User.objects.active().filter(pk=file.owner_id)
    return bool(users.filter(**{file.purpose: key}).exists())


def totals() -> list[tuple[str, str, str, int, int]]:
    """Return the number and the bytes of uploads, as (purpose, kind, state, number, bytes)."""
    groups = Media.objects.order_by("purpose", "kind", "state").values_list(
        "purpose", "kind", "state"
    )
    original = Case(
        When(original="", then=0), default=F("original_bytes"), output_field=BigIntegerField()
    )
    return list(groups.annotate(number=Count("pk"), size=Sum(F("bytes") + original)))
