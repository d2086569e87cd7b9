"""Finding web links and e-mail addresses in a text.

The finding is done by linkify-it-py; which of its findings are links is decided here: http and
https only, to a host with a dot in its name and with nobody's user name or password before it
(`http://bank.example@evil.example` leads to evil.example). A host in another script is turned into
the ASCII form that is looked up, so that what is shown cannot pass for another host.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import idna
import regex
from linkify_it import LinkifyIt

from tweets.text.entities import Entity

Span = tuple[int, int]

MAX_HOST = 253  # what the domain name system allows

# Endings that people write without a scheme, besides the library's own and all of two letters.
_MORE_ENDINGS = ["app", "blog", "dev", "online", "site", "social", "tech", "xyz"]

# A link with a scheme may stand right after a letter of Chinese or Japanese, which put no space
# there; after these characters it would be a part of something else.
_SCHEME = re.compile(r"(?<![a-z0-9_/?=&#%])(https?:)(?=//)", re.IGNORECASE)

# Without this the library finds nothing, and it takes longer to.
_DOTTED = re.compile(r"[^\s.]\.[^\s.]")

# Where a link ends although no space follows: emoji, the punctuation of languages that put no
# space after it, and invisible characters, except the two joiners that some languages spell with.
_ENDERS = regex.compile(
    r"(?![\u200C\u200D])"
    r"[\p{So}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Cf}\uFE00-\uFE0F"
    r"、。「」『』【】〈〉《》（）［］｛｝！？，．：；｡“”‘’…]"
)

# `#chirp.me` is a hashtag and `＠chirp.me` a mention, each followed by a dot.
_SIGNS = ("#", "＃", "＠")

_AUTHORITY = re.compile(r"([^/?#:@]+)(?::[0-9]+)?(?=[/?#]|\Z)")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def _finder() -> Any:
    """The library's finder for web and e-mail addresses, with labels of our own."""
    finder = LinkifyIt(options={"fuzzy_email": True}).add("ftp:", None).add("//", None)
    finder.tlds(_MORE_ENDINGS, keep_old=True)
    # Its labels can be read in two ways each if they begin with `xn--`, and hold the very symbols
    # that may stand before a link: exponential and quadratic time. Ours can be read in one way, and
    # of ASCII hold letters and digits only. The two halves of `char` exclude each other for that.
    char = rf"(?:[^\W_]|(?![\x00-\x7F]|\w){finder.re['src_pseudo_letter']})"
    theirs, ours = finder.re["src_domain"], rf"(?:{char}(?:(?:-|{char}){{0,61}}{char})?)"
    finder.re = {name: source.replace(theirs, ours) for name, source in finder.re.items()}
    return finder


_FINDER = _finder()


class _Found(NamedTuple):
    """What the library takes for a link, `schema` being "" where none was typed."""

    start: int
    end: int
    schema: str


def find(text: str) -> tuple[list[Entity], list[Span]]:
    """The links of a text, and the places of its e-mail addresses, both in the text's order."""
    if "." not in text:  # which spares most texts the search
        return [], []
    searched = text if text.isascii() else _ENDERS.sub(" ", text)
    found = list(_with_scheme(searched))
    found += _without_scheme(mask(searched, [(one.start, one.end) for one in found], " "))
    links, mails = [], []
    for one in sorted(found):
        if one.schema == "mailto:":
            mails.append((one.start, one.end))
        elif url := _url(text, one):
            links.append(Entity(one.start, one.end, url))
    return links, mails


def mask(text: str, spans: Iterable[Span], cover: str) -> str:
    """The text, as long as it was, with these places (in order) overwritten."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], cover * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def _with_scheme(text: str) -> Iterator[_Found]:
    """Links with a scheme. The library would look at each anew inside the one before it."""
    at = 0
    while match := _SCHEME.search(text, at):
        size = _FINDER.test_schema_at(text, match[0].lower(), match.end())
        at = match.end() + size
        if size:
            yield _Found(match.start(), at, match[0].lower())


def _without_scheme(text: str) -> Iterator[_Found]:
    if _DOTTED.search(text):
        for match in _FINDER.match(text) or ():
            yield _Found(match.index, match.last_index, match.schema)


def _url(text: str, found: _Found) -> str | None:
    """The address of what was found; None if we make no link of it."""
    if not found.schema and text[found.start - 1 : found.start] in _SIGNS:
        return None
    address = text[found.start : found.end]
    address = address[len(found.schema) + 2 :] if found.schema else address
    authority = _AUTHORITY.match(address)
    host = _ascii_host(authority[1]) if authority else None
    if authority is None or host is None:
        return None
    return f"{found.schema or 'https:'}//{host}{address[authority.end(1) :]}"


def _ascii_host(host: str) -> str | None:
    """The host in the form in which it is looked up; None if it cannot be one."""
    if len(host) > MAX_HOST:
        return None
    try:
        name = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()
    except UnicodeError:
        return None
    return name if _HOST.fullmatch(name) else None
