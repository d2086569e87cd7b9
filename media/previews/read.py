"""Reads of link previews."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count

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


def card(preview: Sequence[str]) -> LinkCard:
    """Return what is shown of a preview, from an array of `sql.PREVIEWS_OF_TWEETS`."""
    url, title, description, host, alt, key, files, blurhash = preview
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
