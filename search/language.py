"""The language of a tweet: what its author's program says, or else a guess. No Django.

Guessing loads a model of some 100 MB, so it happens only in workers, and only once a text needs it.
"""

from functools import cache
from typing import Any

import regex

from tweets import text as texts

ENOUGH = 20  # letters: a guess from fewer is mostly wrong
SURE = 0.5  # the least probability of a guess that counts

# The languages for which PostgreSQL (from version 14 on) has a stemmer, by the scripts they use.
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# Those that are guessed although nothing stems them.
UNSTEMMED = ("bn", "cs", "fa", "he", "ja", "ko", "pl", "th", "uk", "vi", "zh")
# Other codes of the same languages.
SAME = {"nb": "no", "nn": "no", "in": "id", "iw": "he", "ji": "yi"}

_SCRIPTS = {
    "Arabic": ("ar",),
    "Armenian": ("hy",),
    "Cyrillic": ("ru", "sr"),
    "Devanagari": ("hi", "ne"),
    "Greek": ("el",),
    "Hebrew": ("yi",),
    "Tamil": ("ta",),
}
_SCRIPT = regex.compile("|".join(rf"(?P<{name}>\p{{{name}}})" for name in (*_SCRIPTS, "Latin")))
_LATIN = tuple(sorted({*STEMMERS} - {c for codes in _SCRIPTS.values() for c in codes} | {"sr"}))
_LETTER = regex.compile(r"\p{L}")


def primary(tag: str) -> str:
    """Return the language of a tag of BCP 47 without its region and script: "de" for "de-AT"."""
    code = tag.partition("-")[0].lower()
    return SAME.get(code, code)


def language_of(text: str, *, declared: str) -> str:
    """Return the language of a text: the declared one, or a guess; empty if neither is known."""
    return primary(declared) if declared else guess(text)


def guess(text: str) -> str:
    """Return the language that a text is probably in, or "" if that is not clear."""
    prose = _prose(text)
    if len(_LETTER.findall(prose)) < ENOUGH:
        return ""
    code, probability = _identifier().classify(prose)
    return primary(code) if probability >= SURE else ""


def _prose(text: str) -> str:
    """The text without links, mentions and hashtags, which are in no language."""
    found = texts.parse(text)
    pieces, at = [], 0
    for entity in sorted((*found.links, *found.mentions, *found.hashtags), key=lambda e: e.start):
        pieces.append(text[at : entity.start])
        at = entity.end
    return "".join([*pieces, text[at:]])


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.labels)
    identifier.set_languages([code for code in (*STEMMERS, *UNSTEMMED) if code in known])
    return identifier


def stemmed_languages(word: str) -> tuple[str, ...]:
    """Return the languages whose stemmers could apply to a word, by the script of its letters."""
    match = _SCRIPT.search(word)
    return () if match is None else _SCRIPTS.get(str(match.lastgroup), _LATIN)
