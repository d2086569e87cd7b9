"""Render the text of a tweet as HTML that is safe to include in a page.

All of the text is escaped. The only elements are `div`, `br`, `a` and `bdi`. The only link targets
are paths of this site that begin with `/@` or `/hashtag/`, and http and https URLs.

Each line has the direction of its own first letter (`dir="auto"`), where that does not stand in an
element with a direction. Mentions, links and hashtags are such elements, so that a leading
`@alice` does not decide for Arabic words; Arabic hashtags decide for a line without words. A text
of one line gets its direction where it is included.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from html import escape
from operator import attrgetter
from urllib.parse import quote

import regex

from tweets.text.entities import Entities, Entity
from tweets.text.links import mask
from tweets.text.parsing import parse

MAX_DISPLAY = 30

_start = attrgetter("start")
_HOST_END = regex.compile(r"[/?#]")
_SHORT = regex.compile(rf"\X{{{MAX_DISPLAY}}}")


def to_html(text: str, *, handles: Mapping[str, str] | None) -> str:
    """Return the text as HTML with links, mentions and hashtags, and with a `div` for each line.

    A text of one line has no `div`.

    `handles` maps the handles of existing accounts in lower case to their preferred spelling.
    Mentions of other handles are no links. If `handles` is None, every mention becomes a link.
    """
    pieces, at = [], 0
    for start, end, element in sorted(_elements(text, handles)):
        pieces += [_plain(text[at:start]), element]
        at = end
    return _in_lines("".join([*pieces, _plain(text[at:])]))


def display(url: str) -> str:
    """Return the text of a link: the URL without its scheme, cut at about MAX_DISPLAY characters.

    A long host is cut at the beginning, because its end says who owns it. The host is in ASCII, so
    a host that looks like another one is displayed as `xn--...`.
    """
    address = url.partition("://")[2]
    host = _HOST_END.split(address, maxsplit=1)[0]
    if len(host) > MAX_DISPLAY:
        return "…" + host[-MAX_DISPLAY:]
    short = _SHORT.match(address)
    return address if short is None or short.end() == len(address) else short[0] + "…"


def _plain(text: str) -> str:
    return escape(text, quote=False)


def _in_lines(html: str) -> str:
    lines = html.split("\n")
    return html if len(lines) == 1 else "".join(map(_line, lines))


def _line(html: str) -> str:
    # CSS's `unicode-bidi: plaintext` would need no elements, but Chromium 156 aligns lines that
    # begin with a mention to the wrong side.
    return f'<div dir="auto">{html}</div>' if html else "<div><br></div>"


def _elements(text: str, handles: Mapping[str, str] | None) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, HTML) for every entity."""
    entities = parse(text)
    words = _words(text, entities)
    for link in entities.links:
        yield link.start, link.end, _link(link.value)
    for tag in entities.hashtags:
        direction = _direction(words, tag)
        yield tag.start, tag.end, _hashtag(text[tag.start : tag.end], tag.value, direction)
    for mention in entities.mentions:
        typed = text[mention.start : mention.end]
        yield mention.start, mention.end, _mention(typed, _spelling(mention.value, handles))


def _spelling(typed: str, handles: Mapping[str, str] | None) -> str | None:
    """Return the handle in its preferred spelling, or None if no account has it."""
    return typed if handles is None else handles.get(typed.lower())


def _mention(typed: str, handle: str | None) -> str:
    if handle is None:
        return f"<bdi>{typed}</bdi>"
    return f'<a class="mention" href="/@{escape(handle)}" dir="ltr">{typed}</a>'


def _hashtag(typed: str, tag: str, direction: str) -> str:
    path = escape(f"/hashtag/{quote(tag, safe='')}")
    return f'<a class="hashtag" href="{path}"{direction}>{escape(typed, quote=False)}</a>'


def _words(text: str, entities: Entities) -> str:
    """Return the text with spaces in place of its entities."""
    every = sorted((*entities.links, *entities.mentions, *entities.hashtags), key=_start)
    return mask(text, [(entity.start, entity.end) for entity in every], " ")


def _direction(words: str, tag: Entity) -> str:
    """Return the `dir` attribute of a hashtag, or "" if it may decide the direction of its line."""
    if not _has_direction(tag.value, "R", "AL"):
        return ' dir="ltr"'
    end = words.find("\n", tag.end)
    line = words[words.rfind("\n", 0, tag.start) + 1 : end if end >= 0 else None]
    return ' dir="rtl"' if _has_direction(line, "L", "R", "AL") else ""


def _has_direction(text: str, *directions: str) -> bool:
    return any(unicodedata.bidirectional(character) in directions for character in text)


def _link(url: str) -> str:
    """Return the `a` element of a web link.

    `dir` keeps right-to-left letters in the path from being displayed before the host.
    """
    return (
        f'<a class="link" href="{escape(url)}" rel="nofollow noopener noreferrer ugc"'
        f' target="_blank" dir="ltr">{escape(display(url), quote=False)}</a>'
    )
