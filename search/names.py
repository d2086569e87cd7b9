"""The words by which accounts are found, and how well one matches. No Django.

One typo is forgiven: a letter too many, too few, wrong, or two that changed places. Two words are
so close only if they are equal after a letter was left out of one or both; `near` returns what is
then compared, and `is_typo` decides.
"""

import regex

from search.words import fold, tokens

LEAST = 4  # letters of a word that may have a typo
MOST_WORDS = 4  # of a query that count
TIERS = 6  # of followers: below 10, 100 ... and more
_HANDLE = regex.compile(r"[a-z0-9_]+", regex.IGNORECASE)


def words_of(handle: str, name: str) -> dict[str, bool]:
    """Return the words by which an account is found: whether each is its whole handle.

    Of a name without spaces, every ending is such a word, so that each part is the beginning of
    one.
    """
    found = dict.fromkeys((part for part in handle.lower().split("_") if part), False)
    for token in tokens(name):
        starts = range(len(token.folded)) if token.is_run else (0,)
        found |= dict.fromkeys((token.folded[start:] for start in starts), False)
    return found | {handle.lower(): True}


def words_asked(query: str) -> list[str]:
    """Return the words of a search for people, each once."""
    asked: list[str] = []
    for part in query.split():
        if _HANDLE.fullmatch(part):
            asked.append(fold(part))
        else:
            asked += (token.folded for token in tokens(part))
    return list(dict.fromkeys(asked))[:MOST_WORDS]


def near(word: str) -> list[str]:
    """Return a word, and what is left of it without each of its letters."""
    if len(word) < LEAST:
        return [word]
    return sorted({word, *(word[:at] + word[at + 1 :] for at in range(len(word)))})


def is_typo(typed: str, word: str) -> bool:
    """Return whether a word was probably meant: it differs from the typed one by one typo."""
    if min(len(typed), len(word)) < LEAST - 1 or abs(len(typed) - len(word)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(word)) and typed[start] == word[start]:
        start += 1
    a, b = typed[start:], word[start:]
    swapped = a[1:2] + a[:1] + a[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped == b


def tier(count: int) -> int:
    """Return the tier of so many followers, or other things that are counted."""
    return min(len(str(count)) - 1, TIERS - 1)
