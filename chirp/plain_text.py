"""The rules for every text from users: tweets, names, places, bios, warnings. Imports no Django.

`clean_line` and `clean_lines` are for short texts. `tweets.text` has further rules for tweets.
"""

import re
import unicodedata

import regex

from chirp.errors import ChirpError
from chirp.texts import ntext
from chirp.texts import text as _

# A cluster is what a reader counts as one character. The longest emoji in use has 11 code points
# (a family of four with skin tones), and the longest syllables of Sanskrit have 12 or 13. Without
# a limit, one "character" can be as wide as a thousand letters, or cover the lines above it.
MAX_CLUSTER = 16

# Characters without a visible shape, or of one that is a blank. Not all of them are white space:
# the Braille blank, the null notehead, the blanks of hieroglyphs, the filler of Khitan, and the
# placeholders of objects and annotations.
INVISIBLE = (
    r"\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}"
    r"\u2800\uFFF9-\uFFFC\U00013441\U00013442\U00016FE4\U0001D159"
)
_INVISIBLE = regex.compile(rf"[{INVISIBLE}]*+")

# Characters that change the direction of the surrounding text, so that it reads differently.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_SEPARATORS = frozenset("\u2028\u2029")

_CLUSTER = regex.compile(r"\X")
_NEWLINE = re.compile(r"\r\n?|[\u2028\u2029]")
# Possessive, so that the lines of a long text are read once.
_BLANK_LINES = regex.compile(rf"\n(?:[[{INVISIBLE}]--\n]*+\n){{3,}}+", regex.V1)


class BadText(ChirpError):
    """The text is too long, or has characters that are not allowed."""

    code = "bad_text"


def is_storable(text: str) -> bool:
    """Whether Postgres can store the text: it has no NUL and no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def is_blank(text: str) -> bool:
    """Return whether the text has only white space, control and invisible characters."""
    return _INVISIBLE.fullmatch(text) is not None


def graphemes(text: str) -> int:
    """Return the number of grapheme clusters: the characters that a reader would count."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return sum(1 for _ in _CLUSTER.finditer(text))


def unfit_cluster(text: str) -> str | None:
    """Return a sentence about the first cluster of more than MAX_CLUSTER code points, or None."""
    if text.isascii():
        return None
    for cluster in _CLUSTER.findall(text):
        if len(cluster) > MAX_CLUSTER:
            return _(
                "The character that begins with %(code)s is made of %(count)s parts (letters, "
                "accents, joined emoji), and %(most)s are the most.",
                code=f"U+{ord(cluster[0]):04X}",
                count=len(cluster),
                most=MAX_CLUSTER,
            )
    return None


def without_unfit(text: str) -> str:
    """Return the text without clusters of more than MAX_CLUSTER code points."""
    if text.isascii():
        return text
    return "".join(each for each in _CLUSTER.findall(text) if len(each) <= MAX_CLUSTER)


def fold_lines(text: str) -> str:
    r"""Return the text with `\n` as line ending, and at most two blank lines in a row.

    Lines of invisible characters are blank too. The function is idempotent.
    """
    return _BLANK_LINES.sub("\n\n\n", _NEWLINE.sub("\n", text))


def clean_line(text: str, *, field: str, limit: int) -> str:
    """Return a text of one line as it is stored: NFC, without surrounding whitespace.

    A text without a visible character becomes "". Raises BadText for `field` if the text has more
    than `limit` code points, a cluster of more than MAX_CLUSTER, control characters, or characters
    that change the direction of the text around it.
    """
    return _clean(text, field=field, limit=limit, allowed=frozenset())


def clean_lines(text: str, *, field: str, limit: int) -> str:
    """Like `clean_line`, for a text of several lines, which are separated by line feeds.

    Of more than two blank lines in a row, two are kept.
    """
    _check_size(text, field=field, limit=limit)
    return _clean(fold_lines(text), field=field, limit=limit, allowed=frozenset("\n"))


def _check_size(text: str, *, field: str, limit: int) -> None:
    """Refuse a text that cannot become short enough: normalizing it is expensive."""
    if len(text) > 4 * limit:
        raise BadText(
            ntext("At most %(num)s characters.", "At most %(num)s characters.", limit), field=field
        )


def _clean(text: str, *, field: str, limit: int, allowed: frozenset[str]) -> str:
    _check_size(text, field=field, limit=limit)
    if any(_is_forbidden(character) for character in text if character not in allowed):
        raise BadText(_("Control characters are not allowed."), field=field)
    text = unicodedata.normalize("NFC", text.strip())
    if len(text) > limit:
        raise BadText(
            ntext("At most %(num)s characters.", "At most %(num)s characters.", limit), field=field
        )
    if unfit := unfit_cluster(text):
        raise BadText(unfit, field=field)
    return "" if is_blank(text) else text


def _is_forbidden(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or character in BIDI_CONTROLS
        or character in LINE_SEPARATORS
    )


def salvaged(text: str, limit: int) -> str:
    """Return what can be shown of a text from elsewhere, as one line that `clean_line` accepts.

    What is not allowed is left out, and the end of a long text is an ellipsis. Never raises.
    """
    # A few more than needed: normalizing a long text is expensive, and can shorten it.
    kept = "".join(c if not c.isspace() else " " for c in text[: 8 * limit])
    kept = "".join(character for character in kept if not _is_forbidden(character))
    line = " ".join(unicodedata.normalize("NFC", kept).split())
    clusters = [each for each in _CLUSTER.findall(line) if len(each) <= MAX_CLUSTER]
    line = "".join(clusters)
    if len(line) > limit:
        while sum(map(len, clusters)) > limit - 1:
            clusters = clusters[: -max(1, (sum(map(len, clusters)) - limit) // MAX_CLUSTER)]
        line = "".join(clusters).rstrip() + "…"
    return "" if is_blank(line) else line
