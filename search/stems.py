"""The stems of words, by PostgreSQL's dictionaries."""

from collections.abc import Iterable

from django.db import connection

from search import lexemes, sql
from search.language import STEMMERS, stemmed_languages
from search.words import Token, fold

Pair = tuple[str, str]  # a language and a word as written

# The stems of words that occur often, in this process. A stop word has the stem "".
_known: dict[Pair, str] = {}
MOST_KNOWN = 200_000


def stems_of(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Return the lexeme of each word's stem in its language. Makes one query at most.

    Stop words, and words in languages without a stemmer, are left out.
    """
    wanted = {pair for pair in pairs if pair[0] in STEMMERS}
    missing = sorted(wanted - _known.keys())
    found = {pair: _known[pair] for pair in wanted.intersection(_known)}
    if missing:
        found |= _ask(missing)
        if len(_known) > MOST_KNOWN:
            _known.clear()
        _known.update(found)
    return {pair: stem for pair, stem in found.items() if stem}


def _ask(pairs: list[Pair]) -> dict[Pair, str]:
    languages = [language for language, _ in pairs]
    stemmers = [STEMMERS[language] for language in languages]
    with connection.cursor() as cursor:
        cursor.execute(sql.STEMS, [languages, stemmers, [word for _, word in pairs]])
        rows = cursor.fetchall()
    return {
        (language, word): lexemes.stem(language, fold(forms[0])) if forms else ""
        for language, word, forms in rows
    }


def query_stems(tokens: Iterable[Token], *, language: str) -> dict[str, set[str]]:
    """Return the stems of the words of a query in `language`, or in all that they can be in."""
    pairs = [
        (code, token.written)
        for token in tokens
        if not token.is_run
        for code in ([language] if language else stemmed_languages(token.written))
    ]
    found: dict[str, set[str]] = {}
    for (_, word), stem in stems_of(pairs).items():
        found.setdefault(word, set()).add(stem)
    return found
