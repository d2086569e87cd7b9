"""Which words a filter finds in a text. Imports no Django.

A filter is a list of phrases. A phrase is found regardless of case and of the way in which its
characters are composed. One that matches whole words only is not found inside of a longer word;
next to a character of a script that is written without spaces there is no such boundary, so there
it is found anywhere. A phrase that begins with # is a hashtag, and is always whole.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

# Scripts that do not separate words by spaces.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[[\w]--[{UNSPACED}]]"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a filter, and whether it has to stand alone."""

    text: str
    whole_word: bool


def normal(text: str) -> str:
    """Return the form in which phrases and texts are compared (NFKC, without case)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def matches(phrases: tuple[Phrase, ...], text: str) -> bool:
    """Return whether the text holds one of the phrases."""
    return bool(phrases) and _pattern(phrases).search(normal(text)) is not None


@lru_cache(maxsize=4096)
def _pattern(phrases: tuple[Phrase, ...]) -> regex.Pattern[str]:
    return regex.compile("|".join(map(_alternative, phrases)), regex.V1)


def _alternative(phrase: Phrase) -> str:
    text = normal(phrase.text).strip()
    # Any white space within a phrase matches any other: a line may be broken there.
    pattern = r"\s+".join(
        regex.escape(word, special_only=True) for word in regex.split(r"\s+", text)
    )
    if not (phrase.whole_word or text.startswith("#")):
        return pattern
    return _boundary(text[0], f"(?<!{_WORD})") + pattern + _boundary(text[-1], f"(?!{_WORD})")


def _boundary(character: str, boundary: str) -> str:
    """Return the boundary beside a character of a phrase: there is none beside a comma."""
    is_word = character == "#" or regex.fullmatch(_WORD, character, regex.V1)
    return boundary if is_word else ""


def whole_text(texts: Sequence[str]) -> str:
    """Return several texts as one, so that no phrase is found across two of them."""
    return "\n\x00\n".join(text for text in texts if text)
