"""The rules for short texts from users: names, places, bios, links. Imports no Django."""

import unicodedata

from chirp.errors import ChirpError

# Characters that change the direction of the surrounding text, so that it reads differently.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_SEPARATORS = frozenset("\u2028\u2029")


class BadText(ChirpError):
    """The text is too long, or has characters that are not allowed."""

    code = "bad_text"


def is_storable(text: str) -> bool:
    """Whether Postgres can store the text: it has no NUL and no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def clean_line(text: str, *, field: str, limit: int) -> str:
    """Return a text of one line as it is stored: NFC, without surrounding whitespace.

    Raises BadText for `field` if it has more than `limit` code points or control characters.
    """
    return _clean(text, field=field, limit=limit, allowed=frozenset())


def clean_lines(text: str, *, field: str, limit: int) -> str:
    """Like `clean_line`, for a text of several lines, which are separated by line feeds."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _clean(text, field=field, limit=limit, allowed=frozenset("\n"))


def _clean(text: str, *, field: str, limit: int, allowed: frozenset[str]) -> str:
    # A text this long cannot become short enough, and normalizing it is expensive.
    if len(text) > 4 * limit:
        raise BadText(f"At most {limit} characters.", field=field)
    if any(_is_forbidden(character) for character in text if character not in allowed):
        raise BadText("Control characters are not allowed.", field=field)
    text = unicodedata.normalize("NFC", text.strip())
    if len(text) > limit:
        raise BadText(f"At most {limit} characters.", field=field)
    return text


def _is_forbidden(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or character in BIDI_CONTROLS
        or character in LINE_SEPARATORS
    )
