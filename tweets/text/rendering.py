"""A tweet's text as HTML that is safe to put into a page as it is.

Everything typed is escaped. The only tags are `br` and `a`; the only targets are paths of this
site that begin with `/@` or `/hashtag/`, and http or https addresses.
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
    """The text as HTML, with links, mentions, hashtags and line breaks.

    `handles` names the people who exist, from lower case to the handle as its owner writes it;
    others who are mentioned stay plain text. None makes every mention a link.
    """
    pieces, at = [], 0
    for start, end, anchor in sorted(_anchors(text, handles)):
        pieces += [_plain(text[at:start]), anchor]
        at = end
    return "".join([*pieces, _plain(text[at:])])


def display(url: str) -> str:
    """What is shown of a link: no scheme, about MAX_DISPLAY characters, and never a false host.

    Of a longer host its end is shown, because the end says whose it is. Hosts are ASCII here: one
    that looks like another but is not shows as `xn--...`.
    """
    shown = url.partition("://")[2]
    host = _HOST_END.split(shown, maxsplit=1)[0]
    if len(host) > MAX_DISPLAY:
        return "…" + host[-MAX_DISPLAY:]
    short = _SHORT.match(shown)
    return shown if short is None or short.end() == len(shown) else short[0] + "…"


def _plain(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _anchors(text: str, handles: Mapping[str, str] | None) -> Iterator[tuple[int, int, str]]:
    """Start, end and HTML of all that becomes a link."""
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
        handle = _existing(mention.value, handles)
        if handle is not None:
            yield mention.start, mention.end, _local("mention", f"/@{handle}", text, mention)


def _existing(typed: str, handles: Mapping[str, str] | None) -> str | None:
    return typed if handles is None else handles.get(typed.lower())


def _local(name: str, path: str, text: str, entity: Entity) -> str:
    typed = escape(text[entity.start : entity.end], quote=False)
    return f'<a class="{name}" href="{escape(path)}">{typed}</a>'


def _link(url: str) -> str:
    """`dir` keeps right-to-left letters of a path from being shown before the host."""
    return (
        f'<a class="link" href="{escape(url)}" rel="nofollow noopener noreferrer ugc"'
        f' target="_blank" dir="ltr">{escape(display(url), quote=False)}</a>'
    )
