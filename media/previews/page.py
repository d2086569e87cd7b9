"""What a page says of itself in its head. Imports no Django."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser

from chirp.plain_text import salvaged

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 400
ALT_LENGTH = 400
META_BYTES = 2048  # within which a page declares its encoding
HEAD_LENGTH = 300_000
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_:-]{1,40})""", re.I)
# Encodings of pages. Python has others, and some of them take quadratic time.
_KNOWN = re.compile(
    r"(utf-?(8|16(-?[bl]e)?)|(us-)?ascii|latin-?1|iso-?8859-\d{1,2}|windows-\d{3,4}|cp\d{3,4}"
    r"|koi8-[ru]|mac-?roman|shift[_-]jis|sjis|euc-(jp|kr)|iso-2022-jp|gb2312|gbk|gb18030"
    r"|big5(-hkscs)?|tis-620)",
    re.I,
)
# Browsers read these as the larger encodings of Windows.
_LARGER = {"iso-8859-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252"}
_LARGER |= {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "tis-620": "cp874"}
_END_OF_HEAD = re.compile(r"</head\b|<body\b", re.I)
# In the order in which they are preferred.
TITLES = ("og:title", "twitter:title", "<title>")
DESCRIPTIONS = ("og:description", "twitter:description", "description")
IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
ALTS = ("og:image:alt", "twitter:image:alt")


@dataclass(frozen=True, slots=True)
class Page:
    """The texts of a page, as they are stored, and the URL of its picture as the page wrote it."""

    title: str
    description: str
    image: str
    image_alt: str


def read(body: bytes, *, charset: str) -> Page:
    """Return what a page says of itself. `charset` is what the server said of it. Never raises."""
    text = decoded(body, charset=charset)
    end = _END_OF_HEAD.search(text)
    parser = _Head()
    # Without `close`, which would read what is not complete again and again.
    with suppress(
        AssertionError
    ):  # its answer to some damaged pages: what it found till then counts
        parser.feed(text[: end.start() if end else HEAD_LENGTH][:HEAD_LENGTH])
    found = parser.found | {"<title>": "".join(parser.title)}
    return Page(
        title=_first(found, TITLES, TITLE_LENGTH),
        description=_first(found, DESCRIPTIONS, DESCRIPTION_LENGTH),
        image=next((found[name].strip() for name in IMAGES if found.get(name, "").strip()), ""),
        image_alt=_first(found, ALTS, ALT_LENGTH),
    )


def decoded(body: bytes, *, charset: str) -> str:
    """Return the text of a page: by its byte order mark, the server's word, or its own, or UTF-8.

    What is not valid becomes replacement characters. Never raises.
    """
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    declared = _DECLARED.search(body[:META_BYTES])
    for name in (charset, declared[1].decode("ascii") if declared else ""):
        if _KNOWN.fullmatch(name.strip()):
            encoding = name.strip().lower()
            # A page that is read so far is no UTF-16, whatever it says.
            if name is not charset and encoding.startswith("utf-16"):
                break
            try:
                return body.decode(_LARGER.get(encoding, encoding), "replace")
            except LookupError:
                continue
    return body.decode("utf-8", "replace")


def _first(found: dict[str, str], names: tuple[str, ...], limit: int) -> str:
    """Return the first of these texts that shows something, or ""."""
    return next((text for name in names if (text := salvaged(found.get(name, ""), limit))), "")


class _Head(HTMLParser):
    """Collects the properties that a head names, and its title."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.title: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag == "meta":
            name = (values.get("property") or values.get("name") or "").strip().lower()
            self.found.setdefault(name, values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
