"""Make texts of other sites texts of tweets here. No Django.

A name of another site means somebody else here, so every name gets its site: `@alice` of a Twitter
archive becomes `@alice@twitter.com`, which mentions nobody. A text that is too long for one tweet
becomes a thread.
"""

from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import ClassVar
from urllib.parse import urlsplit

import regex

from tweets.text import MAX_CODE_POINTS, MAX_LENGTH, length, parse, permitted

MOST_PARTS = 25  # of one text
MOST_CHARACTERS = 4 * MOST_PARTS * MAX_LENGTH
MOST_HTML = 4 * MOST_CHARACTERS
MOST_HOST = 253
HOST = regex.compile(r"[\w.-]+(:[0-9]{1,5})?")
CUT = "…"
# Where a text is divided: the best place first. Each pattern ends where the next part begins.
PLACES = (
    regex.compile(r"\n\s*\n"),
    regex.compile(r"(?<=[.!?…。！？])\s+|(?<=[。！？])"),
    regex.compile(r"\s+"),
    regex.compile(r"\X"),
)
EARLIEST = 0.5  # of a part that is full: text is not divided before it
SPACE = regex.compile(r"[^\S\n]+")


def host_of(url: str, otherwise: str) -> str:
    """Return the host in the address of a site, with its port if it has one."""
    try:
        host = urlsplit(url).netloc
    except ValueError:
        return otherwise
    return host if len(host) <= MOST_HOST and HOST.fullmatch(host) else otherwise


def with_site(text: str, host: str) -> str:
    """Return the text with the host behind each name that would mention somebody here."""
    for _ in range(10):  # a name that was hidden behind another one may appear
        mentions = parse(text).mentions
        if not mentions:
            return text
        ends = [0, *(mention.end for mention in mentions), len(text)]
        text = f"@{host}".join(text[start:end] for start, end in pairwise(ends))
    return text.replace("@", "(at)").replace("＠", "(at)")


def parts(text: str, host: str) -> list[str]:
    """Return the texts of the tweets that hold a text of another site; one if it fits.

    What does not fit into MOST_PARTS is cut off. A blank text is one part.
    """
    found: list[str] = []
    rest = with_site(permitted(text[:MOST_CHARACTERS]), host)
    while _is_long(rest) and len(found) < MOST_PARTS - 1:
        part, rest = _divided(rest)
        found.append(part)
    if _is_long(rest):
        rest = _divided(rest, most=MAX_LENGTH - 1)[0] + CUT
    # What follows the division may look like a name now.
    return [with_site(part, host) for part in (*found, rest)]


def _is_long(text: str) -> bool:
    return len(text) > MAX_CODE_POINTS or length(text) > MAX_LENGTH


def _divided(text: str, *, most: int = MAX_LENGTH) -> tuple[str, str]:
    """Return the first part of a text, which fits, and the rest."""
    for pattern in PLACES:
        at = _last_place(text, pattern, most)
        if at is not None:
            return text[:at].rstrip(), text[at:].lstrip()
    raise AssertionError("A character fits.")


def _last_place(text: str, pattern: "regex.Pattern[str]", most: int) -> int | None:
    """Return the last place at which the text before it fits, unless that is too early."""
    places = [match.end() for match in pattern.finditer(text, 0, MAX_CODE_POINTS)]
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if _fits(text[: places[middle]], most):
            low = middle + 1
        else:
            high = middle
    at = places[low - 1] if low else None
    is_last_resort = pattern is PLACES[-1]
    return at if at is not None and (is_last_resort or _is_late(text[:at], most)) else None


def _fits(text: str, most: int) -> bool:
    return length(text.rstrip()) <= most


def _is_late(text: str, most: int) -> bool:
    return max(length(text) / most, len(text) / MAX_CODE_POINTS) >= EARLIEST


class _Plain(HTMLParser):
    """Collects the text of the HTML that other sites write."""

    BREAKS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("p", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3"), "\n\n"),
        "br": "\n",
        "div": "\n",
        "li": "\n- ",
    }

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._hidden = 0  # within how many elements that show no text
        self._link: tuple[str, str, int] | None = None  # address, classes, and where it begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break the line, or note a link."""
        values = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag == "a" and self._link is None:
            self._link = values.get("href", ""), values.get("class", ""), len(self.text)
        self.text.append(self.BREAKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """Break the line, or write a link."""
        if tag in ("script", "style"):
            self._hidden = max(self._hidden - 1, 0)
        elif tag == "a" and self._link is not None:
            self._end_link(*self._link)
            self._link = None
        elif tag in self.BREAKS and tag not in ("br", "li"):
            self.text.append(self.BREAKS[tag])

    def handle_data(self, data: str) -> None:
        """Keep a text. Line feeds in HTML are spaces."""
        if not self._hidden:
            self.text.append(SPACE.sub(" ", data.replace("\n", " ")))

    def _end_link(self, href: str, classes: str, start: int) -> None:
        label = "".join(self.text[start:]).strip()
        del self.text[start:]
        host = _host(href)
        if label.startswith(("#", "＃")) or host is None:
            self.text.append(label)
        elif label.startswith("@"):
            name = label if label.count("@") > 1 else f"{label}@{host}"
            self.text.append(name)
        else:
            self.text.append(href)


def from_html(html: str) -> str:
    """Return the text of a post that is HTML: with its links in full, and names with their site."""
    parser = _Plain()
    html = html[:MOST_HTML]
    end = html.rfind(">") + 1  # behind it no tag can end: the parser would look from each on
    parser.feed(html[:end])
    parser.close()
    parser.handle_data(unescape(html[end:]))
    text = regex.sub(r" *\n *", "\n", "".join(parser.text))
    return regex.sub(r"\n{3,}", "\n\n", text).strip()


def _host(href: str) -> str | None:
    """Return the host of an address that may be a link here."""
    try:
        parts_of = urlsplit(href)
        return parts_of.hostname if parts_of.scheme in ("http", "https") else None
    except ValueError:
        return None
