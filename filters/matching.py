"""Which words a filter finds in a text. Imports no Django.

A filter is a list of phrases. A phrase is found regardless of case, of the way in which its
characters are composed, and of invisible characters between them. One that matches whole words
only is not found inside of a longer word; next to a character of a script that is written without
spaces there is no such boundary, so there it is found anywhere. A phrase that begins with # is a
hashtag, and is always whole.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

# Scripts that do not separate words by spaces.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[[\w]--[{UNSPACED}]]"
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
_PART = regex.compile(r"\S+")
BETWEEN = "\n\x00\n"  # no phrase has it, so none is found across two texts


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a filter, and whether it has to stand alone."""

    text: str
    whole_word: bool


def normal(text: str) -> str:
    """Return the form in which phrases and texts are compared (NFKC, without case)."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", _IGNORABLE.sub("", folded))


def words_of(text: str) -> list[str]:
    """Return the parts of a phrase between white space. There is one for a valid phrase."""
    return _PART.findall(normal(text))


def normal_of(texts: Iterable[str]) -> str:
    """Return several texts as one that `finds` can search."""
    return BETWEEN.join(normal(text) for text in texts if text)


def finds(phrases: Sequence[Phrase], normalized: str) -> bool:
    """Return whether a text that `normal_of` returned holds one of the phrases."""
    return any(
        _first_word(phrase.text) in normalized and _pattern(phrase).search(normalized) is not None
        for phrase in phrases
    )


@lru_cache(maxsize=65536)
def _first_word(text: str) -> str:
    """Return what a text with the phrase holds at least. Most texts can be ruled out by it."""
    return words_of(text)[0]


@lru_cache(maxsize=4096)
def _pattern(phrase: Phrase) -> regex.Pattern[str]:
    words = words_of(phrase.text)
    # Any white space within a phrase matches any other: a line may be broken there.
    pattern = r"\s+".join(regex.escape(word, special_only=True) for word in words)
    if phrase.whole_word or words[0].startswith("#"):
        first, last = words[0][0], words[-1][-1]
        pattern = _boundary(first, f"(?<!{_WORD})") + pattern + _boundary(last, f"(?!{_WORD})")
    return regex.compile(pattern, regex.V1)


def _boundary(character: str, boundary: str) -> str:
    """Return the boundary beside a character of a phrase: there is none beside a comma."""
    is_word = character == "#" or regex.fullmatch(_WORD, character, regex.V1)
    return boundary if is_word else ""
