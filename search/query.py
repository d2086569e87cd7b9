"""Parse what people type into the search box. No Django.

`parse` returns a Query for any text, or raises BadQuery with a sentence that says what is wrong.
The operators are explained in docs/search.md.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Any, NamedTuple

import regex

from chirp.errors import ChirpError
from chirp.texts import ntext
from chirp.texts import text as _
from search.words import Token, tokens
from tweets import text as texts

MAX_LENGTH = 500
MAX_TOKENS = 30
HAS = ("media", "link", "poll")
IS = ("reply",)
ME = "me"

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("−–—", "-"))
_PART = regex.compile(
    r"(?P<minus>-?)"
    r"(?:(?P<operator>[a-z]+):)?"
    r"(?:\"(?P<quoted>[^\"]*)\"?|(?P<bare>[^\s\"]*))",
    regex.IGNORECASE,
)
_HANDLE = regex.compile(r"@?([a-z0-9_]{1,30})", regex.IGNORECASE)
_LANGUAGE = regex.compile(r"([a-z]{2,3})(?:-[a-z0-9]{1,8})*", regex.IGNORECASE)
_DATE = regex.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BadQuery(ChirpError):
    """The query is too long, has a bad value of an operator, or nothing to search for."""

    code = "bad_query"
    field = "q"
    message = _("Type a word, a #hashtag or a name such as from:alice to search for.")


class Kind(Enum):
    """What a term is compared with."""

    WORDS = auto()  # a word, or several that follow one another
    HASHTAG = auto()
    MENTION = auto()
    FROM = auto()  # the author
    TO = auto()  # the account that a reply answers
    HAS = auto()
    IS = auto()
    LANGUAGE = auto()


class Term(NamedTuple):
    """One condition. `value` is a hashtag, handle, flag or language; `tokens` are the words."""

    kind: Kind
    value: str = ""
    tokens: tuple[Token, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The conditions of a search: all of them must hold. `until` is the first day after it."""

    terms: tuple[Term, ...]
    since: date | None = None
    until: date | None = None

    @property
    def language(self) -> str:
        """The language that the query asks for, or an empty text."""
        asked = (t.value for t in self.terms if t.kind is Kind.LANGUAGE and not t.negated)
        return next(asked, "")


class _Part(NamedTuple):
    """A piece of the query: an operator or "", its value, and whether a minus precedes it."""

    operator: str
    value: str
    quoted: bool
    negated: bool


def parse(text: str) -> Query:
    """Return the conditions in a query. Raises BadQuery, and nothing else, for any text."""
    if len(text) > MAX_LENGTH:
        raise BadQuery(
            ntext(
                "A query has at most %(num)s characters.",
                "A query has at most %(num)s characters.",
                MAX_LENGTH,
            )
        )
    days: dict[str, date] = {}
    terms: list[Term] = []
    for part in _parts(text):
        if part.operator in ("since", "until"):
            days[part.operator] = _day(part)
        else:
            terms += _terms(part)
    terms = list(dict.fromkeys(terms))
    if sum(len(term.tokens) or 1 for term in terms) > MAX_TOKENS:
        raise BadQuery(
            ntext(
                "A query has at most %(num)s words and conditions.",
                "A query has at most %(num)s words and conditions.",
                MAX_TOKENS,
            )
        )
    if all(term.negated for term in terms):
        raise BadQuery
    return Query(tuple(terms), days.get("since"), days.get("until"))


def plain_words(text: str) -> str:
    """Return a search for people or hashtags, without surrounding blanks and signs.

    Raises BadQuery if nothing is left, or if it is too long.
    """
    if len(text) > MAX_LENGTH:
        raise BadQuery(
            ntext(
                "A query has at most %(num)s characters.",
                "A query has at most %(num)s characters.",
                MAX_LENGTH,
            )
        )
    wanted = unicodedata.normalize("NFKC", text).strip(" @#\t\r\n\"'")
    if not tokens(wanted):
        raise BadQuery(_("Type a part of a name or of a hashtag."))
    return wanted


def _parts(text: str) -> Iterator[_Part]:
    readable = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    for match in _PART.finditer(readable):
        operator = (match["operator"] or "").lower()
        quoted = match["quoted"]
        value = (match["bare"] or "") if quoted is None else quoted
        if operator and operator not in OPERATORS and operator not in ("since", "until"):
            # A colon in something else, such as a link or a time.
            operator, value = "", f"{match['operator']}:{value}"
        yield _Part(operator, value.strip(), quoted is not None, bool(match["minus"]))


def _terms(part: _Part) -> list[Term]:
    if part.operator:
        return [OPERATORS[part.operator](part)]
    if not part.quoted and part.value[:1] in ("#", "@"):
        found = texts.parse(part.value)
        if found.hashtags or found.mentions:
            return [
                *(Term(Kind.HASHTAG, tag.value, negated=part.negated) for tag in found.hashtags),
                *(_mention(name.value, part.negated) for name in found.mentions),
            ]
    return _words(part.value, part.negated)


def _mention(handle: str, negated: bool) -> Term:
    # The words are for handles that no account has.
    return Term(Kind.MENTION, handle.lower(), tuple(tokens(handle)), negated)


def _words(value: str, negated: bool) -> list[Term]:
    found = tuple(tokens(value))
    return [Term(Kind.WORDS, "", found, negated)] if found else []


def _account(kind: Kind) -> Callable[[_Part], Term]:
    def term(part: _Part) -> Term:
        match = _HANDLE.fullmatch(part.value)
        if match is None:
            raise BadQuery(
                _("%(operator)s: needs a handle, as in %(operator)s:alice.", operator=part.operator)
            )
        return Term(kind, match[1].lower(), negated=part.negated)

    return term


def _flag(kind: Kind, choices: tuple[str, ...]) -> Callable[[_Part], Term]:
    def term(part: _Part) -> Term:
        value = part.value.lower()
        if value not in choices:
            known = ", ".join(f"{part.operator}:{choice}" for choice in choices)
            raise BadQuery(
                _("%(operator)s: can be %(known)s.", operator=part.operator, known=known)
            )
        return Term(kind, value, negated=part.negated)

    return term


def _language(part: _Part) -> Term:
    match = _LANGUAGE.fullmatch(part.value)
    if match is None:
        raise BadQuery(_("lang: needs a language, as in lang:de."))
    return Term(Kind.LANGUAGE, match[1].lower(), negated=part.negated)


def _day(part: _Part) -> date:
    try:
        if part.negated or not _DATE.fullmatch(part.value):
            raise ValueError
        return date.fromisoformat(part.value)
    except ValueError:
        raise BadQuery(
            _("%(operator)s: needs a day, as in %(operator)s:2026-03-31.", operator=part.operator)
        ) from None


OPERATORS: dict[str, Callable[[Any], Term]] = {
    "from": _account(Kind.FROM),
    "to": _account(Kind.TO),
    "has": _flag(Kind.HAS, HAS),
    "is": _flag(Kind.IS, IS),
    "lang": _language,
}
