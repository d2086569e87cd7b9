"""What may be stored as the text of a tweet, and how long it counts."""

import re
import unicodedata

import regex

from tweets.text import links

MAX_LENGTH = 500
LINK_LENGTH = 23

# One character as people count can be any number of code points (a letter under a thousand
# accents), so those are bounded too. The longest emoji in use are 10: five hundred of them fit, and
# so does every address that browsers and servers commonly take.
MAX_CODE_POINTS = 10 * MAX_LENGTH

_GRAPHEME = regex.compile(r"\X")
_NEWLINE = re.compile(r"\r\n?")

# Braille blank and the marks of interlinear notes have no shape either.
_BLANK = regex.compile(
    r"[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\uFFF9-\uFFFB]*+"
)

# Controls, for which there is no use in a tweet and which PostgreSQL (NUL) and UTF-8 (halves of
# surrogate pairs) cannot hold; and the two overrides that show letters in another order than they
# have. The other marks of direction are kept: Arabic and Hebrew need them, and phones put them in.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\uD800-\uDFFF\u202D\u202E]")


class TweetTextError(ValueError):
    """A text that cannot be a tweet's. Its message is a sentence for the person who wrote it."""


class TextTooLong(TweetTextError):
    """It counts more than MAX_LENGTH, or has more than MAX_CODE_POINTS."""


class TextBlank(TweetTextError):
    """There is nothing in it that could be seen."""


class TextInvalid(TweetTextError):
    """It holds a character that no tweet may hold."""


def normalize(text: str) -> str:
    r"""The text as it is stored: NFC, lines ended by `\n`, no white space around it.

    The time this takes can grow with the square of the length; `check` looks at that first.
    """
    return unicodedata.normalize("NFC", _NEWLINE.sub("\n", text).strip())


def graphemes(text: str) -> int:
    """How many characters people would count (grapheme clusters)."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return sum(1 for _ in _GRAPHEME.finditer(text))


def length(text: str) -> int:
    """How long a text counts: a link is LINK_LENGTH, whatever it is; else grapheme clusters."""
    total = at = 0
    for link in links.find(text)[0]:
        total += graphemes(text[at : link.start]) + LINK_LENGTH
        at = link.end
    return total + graphemes(text[at:])


def is_blank(text: str) -> bool:
    """Whether nothing of the text could be seen: white space, controls, invisible characters."""
    return _BLANK.fullmatch(text) is not None


def check(text: str, *, may_be_blank: bool) -> str:
    """The text as it is to be stored; blank text, where it may be, is stored as none at all.

    Raises TextTooLong, TextInvalid or TextBlank. Checking twice changes nothing.
    """
    _check_code_points(text)
    if forbidden := _FORBIDDEN.search(text):
        raise TextInvalid(f"The text may not hold the character U+{ord(forbidden[0]):04X}.")
    text = normalize(text)
    _check_code_points(text)  # NFC writes a few characters as several
    if is_blank(text):
        if may_be_blank:
            return ""
        raise TextBlank("Write something: the text is blank.")
    _check_length(text)
    return text


def _check_code_points(text: str) -> None:
    if len(text) > MAX_CODE_POINTS:
        raise TextTooLong(f"The text is too large: at most {MAX_CODE_POINTS} code points are kept.")


def _check_length(text: str) -> None:
    if (counted := length(text)) > MAX_LENGTH:
        raise TextTooLong(f"The text is {counted} characters long, and {MAX_LENGTH} are the most.")
