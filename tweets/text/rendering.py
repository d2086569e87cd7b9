"""Render the text of a tweet as HTML that is safe to include in a page.

All of the text is escaped. The only elements are `br` and `a`. The only link targets are paths of
this site that begin with `/@` or `/hashtag/`, and http and https URLs.
"""

from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import quote

import regex

from tweets.text.entities import Entity
from tweets.text.parsing import parse

MAX_DISPLAY = 30

_HOST_END = regex.compile(r"[/?#]")
_SHORT = regex.compile(rf"\X{{{MAX_DISPLAY}}}")


def to_html(text: str, *, handles: Mapping[str, str] | None) -> str:
    """Return the text as HTML with links, mentions, hashtags and line breaks.

    `handles` maps the handles of existing accounts in lower case to their preferred spelling.
    Mentions of other handles stay plain text. If `handles` is None, every mention becomes a link.
    """
    pieces, at = [], 0
    for start, end, anchor in sorted(_anchors(text, handles)):
        pieces += [_plain(text[at:start]), anchor]
        at = end
    return "".join([*pieces, _plain(text[at:])])


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
    return escape(text, quote=False).replace("\n", "<br>")


def _anchors(text: str, handles: Mapping[str, str] | None) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, HTML) for every entity that becomes an `a` element."""
    entities = parse(text)
    for link in entities.links:
        yield link.start, link.end, _link(link.value)
    for tag in entities.hashtags:
        yield (
            tag.start,
            tag.end,
            _local("hashtag", f"/hashtag/{quote(tag.value, safe='')}", text, tag),
        )
    for mention in entities.mentions:
        handle = _spelling(mention.value, handles)
        if handle is not None:
            yield mention.start, mention.end, _local("mention", f"/@{handle}", text, mention)


def _spelling(typed: str, handles: Mapping[str, str] | None) -> str | None:
    """Return the handle in its preferred spelling, or None if no account has it."""
    return typed if handles is None else handles.get(typed.lower())


def _local(name: str, path: str, text: str, entity: Entity) -> str:
    typed = escape(text[entity.start : entity.end], quote=False)
    return f'<a class="{name}" href="{escape(path)}">{typed}</a>'


def _link(url: str) -> str:
    """Return the `a` element of a web link.

    `dir` keeps right-to-left letters in the path from being displayed before the host.
    """
    return (
        f'<a class="link" href="{escape(url)}" rel="nofollow noopener noreferrer ugc"'
        f' target="_blank" dir="ltr">{escape(display(url), quote=False)}</a>'
    )
