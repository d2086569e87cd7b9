"""Reads of link previews."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count

from media import sql
from media.links import stable
from media.previews.models import Preview


class Image(NamedTuple):
    """The picture of a page. `url` is a path without a slash in front."""

    url: str
    width: int
    height: int
    blurhash: str
    alt: str


class LinkCard(NamedTuple):
    """What is shown of the page that a tweet links to. `site` is its host, in ASCII."""

    url: str
    title: str
    description: str
    site: str
    image: Image | None


def of_tweets(tweet_ids: Sequence[int]) -> dict[int, LinkCard]:
    """Return the previews of these tweets that can be shown, by tweet. Makes one query."""
    rows = sql.PREVIEWS_OF_TWEETS.rows(ids=tweet_ids)
    return {tweet_id: _card(*rest) for tweet_id, *rest in rows}


def _card(
    url: str, title: str, description: str, host: str, alt: str, key: str, files: str, blurhash: str
) -> LinkCard:
    image = _image(key, files, blurhash, alt) if key else None
    return LinkCard(url, title, description, host.removeprefix("www."), image)


def _image(key: str, files: str, blurhash: str, alt: str) -> Image | None:
    made = json.loads(files)
    if not made:
        return None
    name = max(made, key=lambda each: made[each]["width"] or 0)
    return Image(stable(key, name), made[name]["width"], made[name]["height"], blurhash, alt)


def totals() -> list[tuple[str, int]]:
    """Return the number of previews, as (state, number)."""
    counted = Preview.objects.order_by("state").values_list("state")
    return list(counted.annotate(number=Count("pk")))
