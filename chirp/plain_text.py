"""The rules for short texts that people give: names, places, bios, links. Pure."""

import unicodedata

from chirp.errors import ChirpError

# Characters that change the direction of the text around them: what is shown is not what is there.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_SEPARATORS = frozenset("\u2028\u2029")


class BadText(ChirpError):
    """The text is too long, or has characters that are not allowed."""

    code = "bad_text"


def is_storable(text: str) -> bool:
    """Whether Postgres can hold the text: no NUL, and no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def clean_line(text: str, *, field: str, limit: int) -> str:
    """A text of one line as it is stored: NFC, without surrounding space.

    Raises BadText, which names the field, for more than `limit` code points and for controls.
    """
    return _clean(text, field=field, limit=limit, allowed=frozenset())


def clean_lines(text: str, *, field: str, limit: int) -> str:
    """The same for a text that may have several lines, which end with a line feed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _clean(text, field=field, limit=limit, allowed=frozenset("\n"))


def _clean(text: str, *, field: str, limit: int, allowed: frozenset[str]) -> str:
    # A longer text cannot become short enough, and normalizing costs.
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
