"""Validate the text of a tweet, and measure its length."""

import re
import unicodedata

from chirp.plain_text import fold_lines, graphemes, is_blank, unfit_cluster, without_unfit
from chirp.texts import ntext
from chirp.texts import text as _
from tweets.text import links

MAX_LENGTH = 500
LINK_LENGTH = 23

# A character can have several code points (`chirp.plain_text.MAX_CLUSTER`), so code points are
# limited too, to four for each character. Syllables of Hindi and most emoji need no more. Nearly
# every URL that browsers and servers commonly accept fits as well.
MAX_CODE_POINTS = 4 * MAX_LENGTH

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
    """Raised when a text contains a forbidden character, or one of too many code points."""


def normalize(text: str) -> str:
    r"""Return the text in the form to store: NFC, `\n` as line ending, no surrounding white space.

    Of more than two blank lines in a row, two are kept. They are not only hidden in pages, so that
    no client of the API has to repeat the rule. This can take quadratic time, so `check` limits the
    length first.
    """
    return unicodedata.normalize("NFC", fold_lines(text).strip())


def permitted(text: str) -> str:
    """Return a text from elsewhere, in the form to store, without the characters that are refused.

    It may still be blank, or too long. Never raises. Limit the length first, as for `normalize`.
    """
    return normalize(_FORBIDDEN.sub("", without_unfit(text)))


def length(text: str) -> int:
    """Return the length in grapheme clusters, where every link counts as LINK_LENGTH."""
    total = at = 0
    for link in links.find(text)[0]:
        total += graphemes(text[at : link.start]) + LINK_LENGTH
        at = link.end
    return total + graphemes(text[at:])


def check(text: str, *, may_be_blank: bool) -> str:
    """Validate the text, and return it in the form to store.

    A blank text becomes "" if it `may_be_blank`. Raises TextTooLong, TextInvalid and TextBlank.
    The function is idempotent.
    """
    _check_code_points(text)
    if forbidden := _FORBIDDEN.search(text):
        code = f"U+{ord(forbidden[0]):04X}"
        raise TextInvalid(_("The text may not contain the character %(code)s.", code=code))
    text = normalize(text)
    _check_code_points(text)  # NFC expands a few characters into several
    if unfit := unfit_cluster(text):
        raise TextInvalid(unfit)
    if is_blank(text):
        if may_be_blank:
            return ""
        raise TextBlank(_("Write something: the text is blank."))
    _check_length(text)
    return text


def _check_code_points(text: str) -> None:
    if len(text) > MAX_CODE_POINTS:
        raise TextTooLong(
            _(
                "The text has %(count)s code points (letters, accents, parts of emoji), and "
                "%(most)s are the most.",
                count=len(text),
                most=MAX_CODE_POINTS,
            )
        )


def _check_length(text: str) -> None:
    if (counted := length(text)) > MAX_LENGTH:
        raise TextTooLong(
            ntext(
                "The text is %(num)s character long; the limit is %(most)s.",
                "The text is %(num)s characters long; the limit is %(most)s.",
                counted,
                most=MAX_LENGTH,
            )
        )
