"""Find web links and e-mail addresses in a text.

linkify-it-py does the search, and this module decides which of its matches become links: only http
and https, with a dot in the host name, and without user name or password (a browser opens
`http://bank.example@evil.example` at evil.example). A host in another script is converted to its
ASCII form, so that the displayed host cannot be mistaken for another one. A link never leads to a
host that was not typed: if a host is not valid as a whole, no part of it becomes a link.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import regex
from linkify_it import LinkifyIt

from chirp.plain_text import INVISIBLE
from chirp.web_hosts import ascii_host
from tweets.text.entities import Entity
from tweets.text.scripts import UNSPACED

Span = tuple[int, int]

# Top-level domains that are recognized without a scheme, besides the library's own and all that
# have two letters.
_MORE_TLDS = ["app", "blog", "dev", "online", "site", "social", "tech", "xyz"]

# Endings of file names that are top-level domains too: `README.md` and `main.rs` are no links, but
# `www.onet.pl` and `https://docs.rs` are. Endings that mostly mean a site, such as `ai` and `in`,
# are not in the list.
_FILE_ENDINGS = frozenset(
    [
        *("ac", "am", "bz", "cc", "gd", "md", "mk", "ml", "mo"),
        *("pl", "pm", "ps", "py", "rs", "sh", "so", "tf"),
    ]
)

# A link with a scheme may follow a letter directly, because Chinese and Japanese put no space
# there. After these characters it would be a part of something else.
_SCHEME = re.compile(r"(?<![a-z0-9_/?=&#%])(https?:)(?=//)", re.IGNORECASE)

# Every link and every e-mail address has a dot like this one. The dots of most texts end sentences.
_DOTTED = re.compile(r"[^\s.]\.[^\s.]")

# Characters that end a link without a space: emoji, invisible characters, dashes between clauses,
# and the punctuation, brackets and quotation marks of all languages, except those of ASCII. The two
# joiners are part of the spelling in some languages.
_ENDERS = regex.compile(
    r"(?![\u200C\u200D])"
    rf"[[\p{{So}}\p{{Extended_Pictographic}}\p{{Emoji_Modifier}}\p{{Cf}}{INVISIBLE}"
    r"\p{Terminal_Punctuation}\p{Quotation_Mark}\p{Pi}\p{Pf}\p{Ps}\p{Pe}…—―⸺⸻]--[\x00-\x7F]]",
    regex.V1,
)

# The host after a scheme, and the end of its ASCII top-level domain where a letter that is not
# Latin follows without a space: `https://example.comを見て`. No domain is written like that.
_TYPED_HOST = re.compile(r"//[^\s/?#@]+")
_RUN_ON = regex.compile(
    r"//[^:]+\.[a-z]{2,63}+(?::[0-9]{1,5}+)?+(?=[\p{L}--\p{Latin}][^.:]*+\Z)", regex.V1 | regex.I
)

_SPACE = re.compile(r"\s")

# The first part of a word, where the host of a link without a scheme is.
_HEAD = re.compile(r"(?<!\S)[^\s/?#]+")
_UNSPACED = regex.compile(rf"[{UNSPACED}\p{{scx=Hang}}]")

# `#chirp.me` is a hashtag and `＠chirp.me` a mention, each followed by a dot; `$SHOP.TO` a stock.
_SIGN = regex.compile(r"[#＃＠\p{Sc}]")

_LATIN = re.compile("[A-Za-z]")
_NOT_LATIN = regex.compile(r"[\p{L}--\p{Latin}]", regex.V1)

_AUTHORITY = re.compile(r"([^/?#:@]+)(?::[0-9]+)?(?=[/?#]|\Z)")


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


def may_have(text: str) -> bool:
    """Return whether a text may have links or e-mail addresses: most need no search."""
    return _DOTTED.search(text) is not None


def find(text: str) -> tuple[list[Entity], list[Span]]:
    """Return the links of a text, and the spans of its e-mail addresses, in the text's order."""
    if not may_have(text):
        return [], []
    searched = text if text.isascii() else _ENDERS.sub(" ", text)
    found = list(_with_scheme(searched))
    links = [link for one in found if (link := _link(text, one))]
    rest = mask(text, [(link.start, link.end) for link in links], " ")
    mails = []
    for one in _without_scheme(mask(searched, [(one.start, one.end) for one in found], " ")):
        if one.schema == "mailto:":
            mails.append((one.start, one.end))
        elif not _is_inside(rest, one) and (link := _link(text, one)):
            links.append(link)
    return sorted(links, key=lambda link: link.start), mails


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
        size = _FINDER.test_schema_at(_readable(text, match.end()), match[0].lower(), match.end())
        at = match.end() + size
        if size:
            yield _Found(match.start(), at, match[0].lower())


def _readable(text: str, at: int) -> str:
    """Return the text in a form in which the library finds the end of the host at `//`.

    It ends after a top-level domain that a word follows, and an underscore looks like a letter.
    """
    typed = _TYPED_HOST.match(text, at)
    if typed is None:
        return text
    run_on = _RUN_ON.match(typed[0])
    host = (run_on or typed)[0].replace("_", "x")
    return text[:at] + host + ("" if run_on else text[typed.end() :])


def _without_scheme(text: str) -> Iterator[_Found]:
    if not text.isascii():  # in scripts without spaces, nobody knows where a host begins
        text = _HEAD.sub(lambda head: _UNSPACED.sub(" ", head[0]), text)
    if _DOTTED.search(text):
        for match in _FINDER.match(text) or ():
            yield _Found(match.index, match.last_index, match.schema)


def _is_inside(text: str, found: _Found) -> bool:
    """Return whether a match is only a part of an address with a scheme, so of another host."""
    begin = text.rfind("://", 0, found.start)
    return begin >= 0 and not _SPACE.search(text, begin, found.start)


def _link(text: str, found: _Found) -> Entity | None:
    """Return the link that a match becomes, or None."""
    address = text[found.start : found.end]
    address = address[: len(address) - _trailing(address)]
    url = _with_host(address, found.schema)
    if url is None or (not found.schema and _SIGN.fullmatch(text[found.start - 1 : found.start])):
        return None
    return Entity(found.start, found.start + len(address), url)


def _trailing(address: str) -> int:
    """Return the number of marks at the end of an address that belong to the sentence."""
    kept = address.rstrip(".,;:!?")
    while kept and not kept[-1].isascii() and unicodedata.category(kept[-1]).startswith("P"):
        kept = kept[:-1].rstrip(".,;:!?")
    return len(address) - len(kept)


def _with_host(address: str, scheme: str) -> str | None:
    """Return the URL of an address with its host in ASCII, or None if it does not become a link."""
    address = address[len(scheme) + 2 :] if scheme else address
    authority = _AUTHORITY.match(address)
    host = _host(authority[1], scheme) if authority else None
    if authority is None or host is None:
        return None
    return f"{scheme or 'https:'}//{host}{address[authority.end(1) :]}"


def _host(typed: str, scheme: str) -> str | None:
    """Return the typed host in ASCII, or None if it is not valid, a file, or several words."""
    top = typed.rpartition(".")[2]
    if not top.isascii() and _LATIN.search(top):
        return None
    return ascii_host(typed) if scheme or _is_clear(typed, top) else None


def _is_clear(typed: str, top: str) -> bool:
    """Return whether a host without a scheme is surely meant as one."""
    if _UNSPACED.search(typed) or any(_is_mixed(label) for label in typed.split(".")):
        return False
    return top.lower() not in _FILE_ENDINGS or typed.lower().startswith("www.")


def _is_mixed(label: str) -> bool:
    return bool(_LATIN.search(label) and _NOT_LATIN.search(label))
