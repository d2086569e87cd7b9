"""Feeds as RSS 2.0, as Atom (RFC 4287), and as JSON Feed 1.1."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import feedgenerator

from web.sharing.entries import Entry

# What XML 1.0 cannot hold, not even escaped. Old tweets of an import may have such characters.
NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `url` is its page, `self_url` its own address, `icon` a picture or empty."""

    title: str
    description: str
    url: str
    self_url: str
    icon: str
    entries: Sequence[Entry]


class Format(NamedTuple):
    """How a feed is written, and the type of that."""

    type: str
    write: Callable[[Feed], str]


def _rss(feed: Feed) -> str:
    return _xml(feed, feedgenerator.Rss201rev2Feed, most_enclosures=1)


def _atom(feed: Feed) -> str:
    return _xml(feed, feedgenerator.Atom1Feed, most_enclosures=None)


def _xml(
    feed: Feed, kind: type[feedgenerator.SyndicationFeed], *, most_enclosures: int | None
) -> str:
    written = kind(
        title=_clean(feed.title),
        link=feed.url,
        description=_clean(feed.description),
        feed_url=feed.self_url,
        language=None,
    )
    for entry in feed.entries:
        # The length is required, and 0 stands for one that is not known.
        files = [feedgenerator.Enclosure(file.url, "0", file.type) for file in entry.attachments]
        written.add_item(
            title=_clean(entry.title),
            link=entry.url,
            description=_clean(entry.html),
            unique_id=entry.url,
            unique_id_is_permalink=True,
            author_name=_clean(entry.author),
            author_link=entry.author_url,
            pubdate=entry.published,
            updateddate=entry.updated,
            categories=entry.tags,
            enclosures=files[:most_enclosures],
        )
    return written.writeString("utf-8")


def _clean(text: str) -> str:
    return NOT_XML.sub("", text)


def _json(feed: Feed) -> str:
    found = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.url,
        "feed_url": feed.self_url,
        "icon": feed.icon,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(_without_empty(found), ensure_ascii=False)


def _item(entry: Entry) -> dict[str, Any]:
    return _without_empty(
        {
            "id": entry.url,
            "url": entry.url,
            "title": entry.title,
            "content_html": str(entry.html),
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": [{"name": entry.author, "url": entry.author_url}],
            "tags": list(entry.tags),
            "language": entry.language,
            "image": next((f.poster for f in entry.attachments if f.poster), ""),
            "attachments": [
                _without_empty({"url": file.url, "mime_type": file.type, "title": file.alt})
                for file in entry.attachments
            ],
        }
    )


def _without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Optional fields that have nothing to say are left out. `items` has to be there."""
    return {name: value for name, value in fields.items() if value or name == "items"}


FORMATS = {
    "rss": Format("application/rss+xml; charset=utf-8", _rss),
    "atom": Format("application/atom+xml; charset=utf-8", _atom),
    "json": Format("application/feed+json; charset=utf-8", _json),
}
