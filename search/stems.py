"""The stems of words, by PostgreSQL's dictionaries."""

from collections.abc import Iterable

from django.db import connection

from search import lexemes, sql
from search.language import STEMMERS, stemmed_languages
from search.words import Token, fold

Pair = tuple[str, str]  # a language and a word as written

# The stems that this process has asked for. A stop word has the stem "".
_known: dict[Pair, str] = {}
MOST_KNOWN = 100_000


def stems_of(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Return the stem of each word in its language, folded. Makes one query at most.

    Stop words, and words in languages without a stemmer, are left out.
    """
    wanted = {pair for pair in pairs if pair[0] in STEMMERS}
    found = {pair: stem for pair in wanted if (stem := _known.get(pair)) is not None}
    if missing := sorted(wanted - found.keys()):
        found |= (asked := _ask(missing))
        if len(_known) > MOST_KNOWN:
            _known.clear()
        _known.update(asked)
    return {pair: stem for pair, stem in found.items() if stem}


def _ask(pairs: list[Pair]) -> dict[Pair, str]:
    languages = [language for language, _ in pairs]
    stemmers = [STEMMERS[language] for language in languages]
    with connection.cursor() as cursor:
        cursor.execute(sql.STEMS, [languages, stemmers, [word for _, word in pairs]])
        rows = cursor.fetchall()
    return {(language, word): fold(forms[0]) if forms else "" for language, word, forms in rows}


def query_stems(tokens: Iterable[Token], *, language: str) -> dict[str, set[str]]:
    """Return the lexemes of the stems of a query's words, by the word as written.

    Without a language, it is that of the tweet, so there is a stem for each that uses the script.
    In most of them the word is its own stem, which needs no lexeme: see `search.lexemes.stems`.
    """
    pairs = [
        (code, token.written)
        for token in tokens
        if not token.is_run
        for code in ([language] if language else stemmed_languages(token.written))
    ]
    found: dict[str, set[str]] = {}
    for (code, word), stem in stems_of(pairs).items():
        if stem != fold(word):
            found.setdefault(word, set()).add(lexemes.stem(code, stem))
    return found
