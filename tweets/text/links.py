"""Find web links and e-mail addresses in a text.

linkify-it-py does the search, and this module decides which of its matches become links: only http
and https, with a dot in the host name, and without user name or password (a browser opens
`http://bank.example@evil.example` at evil.example). A host in another script is converted to its
ASCII form, so that the displayed host cannot be mistaken for another one.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import idna
import regex
from linkify_it import LinkifyIt

from tweets.text.entities import Entity

Span = tuple[int, int]

MAX_HOST = 253  # the limit of the domain name system

# Top-level domains that are recognized without a scheme, besides the library's own and all that
# have two letters.
_MORE_TLDS = ["app", "blog", "dev", "online", "site", "social", "tech", "xyz"]

# A link with a scheme may follow a letter directly, because Chinese and Japanese put no space
# there. After these characters it would be a part of something else.
_SCHEME = re.compile(r"(?<![a-z0-9_/?=&#%])(https?:)(?=//)", re.IGNORECASE)

# The library finds no link without this, and a search by it takes longer.
_DOTTED = re.compile(r"[^\s.]\.[^\s.]")

# Characters that end a link without a space: emoji, the punctuation of languages that put no space
# after it, and invisible characters, except the two joiners that are part of the spelling in some
# languages.
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
    """Return the library's finder for web and e-mail addresses, with a safe pattern for labels.

    A label is one part of a host name.
    """
    finder = LinkifyIt(options={"fuzzy_email": True}).add("ftp:", None).add("//", None)
    finder.tlds(_MORE_TLDS, keep_old=True)
    # The library's pattern matches a label that begins with `xn--` in two ways, and allows the
    # symbols in it that may precede a link, so a match can take exponential or quadratic time. Our
    # pattern matches a label in one way only, and its only ASCII characters are letters and
    # digits. For this reason the two alternatives in `char` exclude each other.
    char = rf"(?:[^\W_]|(?![\x00-\x7F]|\w){finder.re['src_pseudo_letter']})"
    theirs, ours = finder.re["src_domain"], rf"(?:{char}(?:(?:-|{char}){{0,61}}{char})?)"
    finder.re = {name: source.replace(theirs, ours) for name, source in finder.re.items()}
    return finder


_FINDER = _finder()


class _Found(NamedTuple):
    """A match of the library. `schema` is "" if the text has none."""

    start: int
    end: int
    schema: str


def find(text: str) -> tuple[list[Entity], list[Span]]:
    """Return the links of a text, and the spans of its e-mail addresses, in the text's order."""
    if "." not in text:  # most texts need no search
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
    """Return the text with these spans, which must be in order, overwritten with `cover`.

    If `cover` is one character, the length does not change.
    """
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], cover * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def _with_scheme(text: str) -> Iterator[_Found]:
    """Yield the links with a scheme.

    The search continues after each match; the library would also search inside it.
    """
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
    """Return the URL of a match, or None if it does not become a link."""
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
    """Return the host in its ASCII form, or None if it is not a valid host name."""
    if len(host) > MAX_HOST:
        return None
    try:
        name = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()
    except UnicodeError:
        return None
    return name if _HOST.fullmatch(name) else None
