"""Validate the text of a tweet, and measure its length."""

import re
import unicodedata

import regex

from tweets.text import links

MAX_LENGTH = 500
LINK_LENGTH = 23

# One grapheme cluster can have any number of code points (a letter with a thousand accents), so
# code points are limited too. The longest emoji in use have 10, so 500 of them fit, and so does
# every URL that browsers and servers commonly accept.
MAX_CODE_POINTS = 10 * MAX_LENGTH

_GRAPHEME = regex.compile(r"\X")
_NEWLINE = re.compile(r"\r\n?")

# The Braille blank and the marks of interlinear annotations have no visible shape either.
_BLANK = regex.compile(
    r"[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800\uFFF9-\uFFFB]*+"
)

# Control characters, which are of no use in a tweet, NUL, which PostgreSQL cannot store, lone
# surrogates, which UTF-8 cannot encode, and the two overrides that display letters in another
# order. Other direction marks are allowed: Arabic and Hebrew need them, and phones insert them.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\uD800-\uDFFF\u202D\u202E]")


class TweetTextError(ValueError):
    """Raised when a text is not valid for a tweet. The message is a sentence for the author."""


class TextTooLong(TweetTextError):
    """Raised when a text is longer than MAX_LENGTH or has more than MAX_CODE_POINTS."""


class TextBlank(TweetTextError):
    """Raised when a text has no visible character."""


class TextInvalid(TweetTextError):
    """Raised when a text contains a forbidden character."""


def normalize(text: str) -> str:
    r"""Return the text in the form to store: NFC, `\n` as line ending, no surrounding white space.

    This can take quadratic time, so `check` limits the length first.
    """
    return unicodedata.normalize("NFC", _NEWLINE.sub("\n", text).strip())


def graphemes(text: str) -> int:
    """Return the number of grapheme clusters: the characters that a reader would count."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return sum(1 for _ in _GRAPHEME.finditer(text))


def length(text: str) -> int:
    """Return the length in grapheme clusters, where every link counts as LINK_LENGTH."""
    total = at = 0
    for link in links.find(text)[0]:
        total += graphemes(text[at : link.start]) + LINK_LENGTH
        at = link.end
    return total + graphemes(text[at:])


def is_blank(text: str) -> bool:
    """Return whether the text has only white space, control and invisible characters."""
    return _BLANK.fullmatch(text) is not None


def check(text: str, *, may_be_blank: bool) -> str:
    """Validate the text, and return it in the form to store.

    A blank text becomes "" if it `may_be_blank`. Raises TextTooLong, TextInvalid and TextBlank.
    The function is idempotent.
    """
    _check_code_points(text)
    if forbidden := _FORBIDDEN.search(text):
        raise TextInvalid(f"The text may not contain the character U+{ord(forbidden[0]):04X}.")
    text = normalize(text)
    _check_code_points(text)  # NFC expands a few characters into several
    if is_blank(text):
        if may_be_blank:
            return ""
        raise TextBlank("Write something: the text is blank.")
    _check_length(text)
    return text


def _check_code_points(text: str) -> None:
    if len(text) > MAX_CODE_POINTS:
        raise TextTooLong(f"The text is too large: the limit is {MAX_CODE_POINTS} code points.")


def _check_length(text: str) -> None:
    if (counted := length(text)) > MAX_LENGTH:
        raise TextTooLong(f"The text is {counted} characters long; the limit is {MAX_LENGTH}.")
