"""Split texts into the tokens that search compares. No Django.

A token is a word, or a run of characters in a script that is written without spaces (Chinese,
Japanese, Thai, and also Korean, whose particles are written together with their word). Words are
compared folded: without case, width and accents. Runs are compared by their parts.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import regex

from tweets.text import links
from tweets.text.scripts import UNSPACED

MAX_WORD = 64  # characters of a word that count

_LETTERS = r"[\p{L}\p{M}\p{N}]"
_RUN = rf"[[{UNSPACED}\p{{Hangul}}]&&{_LETTERS}]"
# A mark belongs to the letter before it. An emoji is a word of its own.
_TOKEN = regex.compile(
    rf"(?P<run>{_RUN}++)"
    rf"|(?:[{_LETTERS}--{_RUN}]|(?<!\A)\p{{M}})++"
    r"|\p{Regional_Indicator}{2}|[\p{Extended_Pictographic}--\p{ASCII}]",
    regex.V1,
)
_ASCII = regex.compile("[a-z0-9]+")
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
# Marks that are accents. In other scripts, they are vowels or change the consonant.
_ACCENTS = regex.compile(r"(?<=[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}]\p{M}*)\p{Mn}")
# Letters with a stroke, and ligatures, are not made of a letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_HOST = regex.compile(r"(?:https?://)?([^/?#]*)", regex.IGNORECASE)


class Token(NamedTuple):
    """A word as written (in lower case, for stemming) and folded, or a run."""

    written: str
    folded: str
    is_run: bool = False


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text in their order. Of a link, only the host counts."""
    compatible = unicodedata.normalize("NFKC", _with_hosts_only(text))
    if compatible.isascii():  # the same, several times faster
        return [
            Token(word[:MAX_WORD], word[:MAX_WORD]) for word in _ASCII.findall(compatible.lower())
        ]
    plain = _IGNORABLE.sub("", compatible).lower()
    return [_token(match) for match in _TOKEN.finditer(plain)]


def _with_hosts_only(text: str) -> str:
    found, _ = links.find(text)
    if not found:
        return text
    pieces, at = [], 0
    for link in found:
        host = _HOST.match(text, link.start, link.end)
        pieces += [text[at : link.start], " ", host[1] if host else "", " "]
        at = link.end
    return "".join([*pieces, text[at:]])


def _token(match: "regex.Match[str]") -> Token:
    found = match[0]
    if match["run"]:
        return Token(found, found, is_run=True)
    return Token(found[:MAX_WORD], fold(found[:MAX_WORD]))


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Return a word without case, width and accents."""
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.casefold())
    bare = _ACCENTS.sub("", apart)
    return unicodedata.normalize("NFKC", bare).translate(_PLAIN)


def pairs(run: str) -> list[str]:
    """Return all pairs of neighbouring characters of a run."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def flat(found: Sequence[Token]) -> str:
    """Return the tokens of a whole text as one string, in which `contains` looks for phrases."""
    return "|" + "|".join(token.folded for token in found) + "|"


def contains(flat_text: str, phrase: Sequence[Token]) -> bool:
    """Return whether the tokens follow one another in a text.

    The phrase may begin and end inside a run, but not inside a word.
    """
    wanted = flat(phrase)
    wanted = wanted[1:] if phrase[0].is_run else wanted
    wanted = wanted[:-1] if phrase[-1].is_run else wanted
    return wanted in flat_text


def quoted(lexeme: str) -> str:
    """Return a lexeme as it is written in a tsvector or tsquery."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def vector(lexemes: Iterable[str]) -> str:
    """Return lexemes as the text of a tsvector."""
    return " ".join(sorted(map(quoted, lexemes)))
