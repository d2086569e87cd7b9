"""Tweets as entries of feeds: HTML that stands alone, with URLs that lead here from anywhere."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext

from media.selectors import Address
from media.selectors import Shown as File
from tweets import text as texts
from tweets.read.viewer import ViewerContext
from web.presenters.tweets import Card
from web.templating.addresses import url
from web.templating.media import media_url

TITLE_LENGTH = 80  # characters
# "<" stands for itself only where web.presenters.tweets wrote it: authors' are escaped.
OWN_LINK = re.compile(r'(<a [^<>]*?href=")/')

# Whoever asks, they get what everybody may see.
ANYBODY = ViewerContext()

Absolute = Callable[[str], str]  # a path -> its URL


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an entry."""

    url: str
    type: str
    alt: str
    poster: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A tweet in a feed. `title` is plain text, `html` needs nothing around it."""

    url: str
    title: str
    html: SafeString
    author: str
    author_url: str
    published: datetime
    updated: datetime
    language: str
    tags: Sequence[str]
    attachments: Sequence[Attachment]


def entry(card: Card, absolute: Absolute) -> Entry:
    """The tweet of a card. What is behind a warning is left out, since feeds cannot hide it."""
    tweet = card.tweet
    attachments = attachments_of(card, absolute)
    return Entry(
        url=absolute(card.url),
        title=title_of(card),
        html=_html(card, attachments, absolute),
        author=card.name,
        author_url=absolute(url("profile", tweet.handle)),
        published=tweet.created_at,
        updated=tweet.edited_at or tweet.created_at,
        language=tweet.language,
        tags=() if card.warning else tuple(texts.hashtags(tweet.text)),
        attachments=attachments,
    )


def title_of(card: Card) -> str:
    """The warning, or else the beginning of the text, or else what there is instead of text."""
    said = card.warning or " ".join(card.tweet.text.split())
    return (
        Truncator(said).chars(TITLE_LENGTH)
        if said
        else gettext("From %(name)s") % {"name": card.name}
    )


def attachments_of(card: Card, absolute: Absolute) -> list[Attachment]:
    """The files of a card that can be played or seen, unless a warning hides them."""
    if card.warning or card.media_warning:
        return []
    return [_attachment(file, file.main, absolute) for file in card.media if file.main is not None]


def _attachment(file: File, main: Address, absolute: Absolute) -> Attachment:
    poster = absolute(media_url(file.sizes[-1][1])) if file.sizes else ""
    return Attachment(absolute(media_url(main)), main.type, file.alt, poster)


def _html(card: Card, attachments: Sequence[Attachment], absolute: Absolute) -> SafeString:
    if card.warning:
        return format_html("<p>{}</p>", card.warning)
    return format_html(
        "{}{}{}",
        format_html("<p>{}</p>", _text(card, absolute)) if card.html else "",
        format_html_join("", "<p>{}</p>", ((_shown(each),) for each in attachments)),
        _quote(card.quoted, absolute) if card.quoted else "",
    )


def _text(card: Card, absolute: Absolute) -> SafeString:
    """The text with links that work on other sites."""
    return mark_safe(OWN_LINK.sub(rf"\1{absolute('/')}", card.html))  # noqa: S308


def _shown(file: Attachment) -> SafeString:
    if file.type.startswith("image/"):
        return format_html('<img src="{}" alt="{}">', file.url, file.alt)
    if file.type.startswith("audio/"):
        return format_html('<audio controls src="{}"></audio>', file.url)
    return format_html('<video controls src="{}" poster="{}"></video>', file.url, file.poster)


def _quote(card: Card, absolute: Absolute) -> SafeString:
    return format_html(
        '<blockquote>{}<p>— <a href="{}">{}</a></p></blockquote>',
        _html(card, (), absolute),
        absolute(card.url),
        card.name,
    )
