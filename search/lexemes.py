"""The lexemes of documents, and the conditions on them that a query means. No Django.

A document holds everything that a search can ask for as lexemes of one tsvector, so that one index
answers each combination, without an extension of PostgreSQL:

    berlin          a word, folded
    en/run          a stem, with its language
    ~東 ~東京         one or two neighbouring characters of a script without spaces
    #berlin         a hashtag
    by:7 re:7 at:7  the author, the account that it answers, those that it mentions
    has:link is:reply lang:de
    t20:1234        a period that contains its time: see `periods`

Words have only letters, digits and marks, so a lexeme of one kind never looks like one of another.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from search.query import Kind, Query, Term
from search.words import Token, pairs, quoted

# The lengths of periods: 2**20 ms are 17 minutes, then 4.7 hours, 3.1 days and 50 days.
LEVELS = (20, 24, 28, 32)
ID_BITS = 12  # of an id, below its milliseconds
MOST_PERIODS = 8  # in one query: each costs for every document that the other conditions leave
EXACT_RUN = 2  # characters of a run that its pairs find exactly

Stems = Mapping[str, Collection[str]]  # a word as written: its stems, as `stem` writes them


def of_tokens(tokens: Iterable[Token]) -> Iterator[str]:
    """Yield the words and the pairs of a text."""
    for token in tokens:
        if token.is_run:
            yield from (f"~{part}" for part in (*token.folded, *pairs(token.folded)))
        else:
            yield token.folded


def stem(language: str, form: str) -> str:
    """Return the lexeme of a stem."""
    return f"{language}/{form}"


def stems(language: str, form: str) -> tuple[str, str]:
    """Return the lexemes of a stem in a document: as a stem, and as a word.

    So a query for a word that is its own stem in most languages has to ask only for the word, and
    not for the stem in each language: every lexeme of a query costs time for every document.
    """
    return stem(language, form), form


def tag(value: str) -> str:
    """Return the lexeme of a hashtag."""
    return f"#{value}"


def author(account_id: int) -> str:
    """Return the lexeme of tweets by an account."""
    return f"by:{account_id}"


def answered(account_id: int) -> str:
    """Return the lexeme of replies to an account."""
    return f"re:{account_id}"


def mentioned(account_id: int) -> str:
    """Return the lexeme of tweets that mention an account."""
    return f"at:{account_id}"


def periods(tweet_id: int) -> Iterator[str]:
    """Yield the periods, one of each length, that contain the time in an id."""
    for level in LEVELS:
        yield f"t{level}:{tweet_id >> (ID_BITS + level)}"


def periods_between(low: int, high: int) -> str:
    """Return the condition for ids from `low` up to, but not including, `high`.

    It is empty if that time is too long for a condition. The periods overlap the ends of the time.
    """
    for level in LEVELS:
        shift = ID_BITS + level
        first, last = low >> shift, max(high - 1, low) >> shift
        if last - first < MOST_PERIODS:
            return " | ".join(quoted(f"t{level}:{at}") for at in range(first, last + 1))
    return ""


def condition(query: Query, *, accounts: Mapping[str, int], stems: Stems) -> str | None:
    """Return the tsquery of a query, or None if nothing can match it.

    `accounts` has the ids of the handles that exist. Phrases are only narrowed down: what it finds
    is to be compared with `phrases`.
    """
    parts = []
    for term in query.terms:
        part = _term(term, accounts, stems)
        if term.negated:
            # A phrase cannot be left out by its words, and an unknown account needs not be.
            parts += [f"!({part})"] if part and is_exact(term, accounts) else []
        elif part is None:
            return None
        else:
            parts.append(f"({part})")
    return " & ".join(parts)


def phrases(query: Query, *, accounts: Mapping[str, int]) -> list[Term]:
    """Return the terms that the condition does not decide, for a comparison with the text."""
    return [term for term in query.terms if not is_exact(term, accounts)]


def is_exact(term: Term, accounts: Mapping[str, int]) -> bool:
    """Return whether lexemes decide about a term: it is not a phrase or a long run."""
    if term.kind is Kind.MENTION and term.value in accounts:
        return True
    if len(term.tokens) > 1:
        return False
    return all(not t.is_run or len(t.folded) <= EXACT_RUN for t in term.tokens)


def _term(term: Term, accounts: Mapping[str, int], stems: Stems) -> str | None:
    account = accounts.get(term.value)
    match term.kind:
        case Kind.HASHTAG:
            return quoted(tag(term.value))
        case Kind.HAS:
            return quoted(f"has:{term.value}")
        case Kind.IS:
            return quoted(f"is:{term.value}")
        case Kind.LANGUAGE:
            return quoted(f"lang:{term.value}")
        case Kind.FROM:
            return None if account is None else quoted(author(account))
        case Kind.TO:
            return None if account is None else quoted(answered(account))
        case Kind.MENTION if account is not None:
            return quoted(mentioned(account))
    return _words(term.tokens, stems)


def _words(tokens: tuple[Token, ...], stems: Stems) -> str:
    if len(tokens) == 1 and not tokens[0].is_run:
        (token,) = tokens
        return " | ".join(map(quoted, (token.folded, *sorted(stems.get(token.written, ())))))
    return " & ".join(part for token in tokens for part in _token(token))


def _token(token: Token) -> Iterator[str]:
    """Yield the lexemes of a token in a phrase, which is found as it is written."""
    if token.is_run:
        parts = pairs(token.folded) or [token.folded]
        yield from (quoted(f"~{part}") for part in parts)
    else:
        yield quoted(token.folded)
