"""Search for people, and the words by which they are found."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from chirp.db.prepared import Prepared
from chirp.itertools import batched
from chirp.pagination import Page, PageRequest
from search import names, sql
from search.models import Name, Progress
from search.query import plain_words
from search.ranked import ranked_page

LAST = "\U0010ffff"  # after every other character
# Qualities of matches: the whole handle, its beginning, a whole word of the name, its beginning.
HANDLE, WORD, BEGINNING, TYPO = 0, 2, 1, 4
MOST = 100  # accounts of a tier, or with a typo, that are compared


NEW = "new people"
LATE = 1_000  # ids
MOST_NEW = 5_000
BATCH = 500
Row = tuple[Any, ...]  # account, word, whether it is the handle, followers, whether followed


class Match(NamedTuple):
    """An account that was found by one of its words; better matches are smaller."""

    quality: int
    stranger: bool
    unknown: int  # the followers, negated
    user_id: int


@transaction.atomic
def index_people(user_ids: Sequence[int]) -> None:
    """Write anew by which words these accounts are found. Doing it twice is the same as once."""
    sql.LOCK_PEOPLE.rows(ids=list(user_ids))
    Name.objects.filter(user__in=user_ids).delete()
    users = User.objects.filter(pk__in=user_ids)
    Name.objects.bulk_create([name for user in users for name in _names(user)])


def _names(user: User) -> list[Name]:
    tier = names.tier(user.followers_count)
    return [
        Name(user=user, word=word, is_handle=is_handle, tier=tier, near=names.near(word))
        for word, is_handle in names.words_of(user.handle, user.name).items()
    ]


def index_new_people() -> None:
    """Index accounts that were created since the last call, at most MOST_NEW.

    An account whose transaction began earlier may appear later, below others: so it looks a little
    further back.
    """
    progress, _ = Progress.objects.get_or_create(pk=NEW)
    unknown = User.objects.exclude(Exists(Name.objects.filter(user=OuterRef("pk"))))
    later = unknown.filter(pk__gt=progress.position - LATE).order_by("pk")
    found = list(later.values_list("pk", flat=True)[:MOST_NEW])
    for batch in batched(found, BATCH):
        index_people(batch)
    if found and found[-1] > progress.position:
        Progress.objects.filter(pk=NEW).update(position=found[-1])


def search_people(*, viewer: User | None, query: str, page: PageRequest) -> Page[User]:
    """Return the accounts that a query finds by handle or name, best match first.

    One typo is forgiven. Accounts that are deactivated or suspended, or block the viewer, are not
    found. Raises BadQuery.
    """
    asked = names.words_asked(plain_words(query))
    best = _best([*_beginning(viewer, asked), *_near(viewer, asked)])
    found = ranked_page(best, page)
    users = User.objects.in_bulk(found.results)
    return Page([users[id_] for id_ in found.results if id_ in users], found.next, found.previous)


def complete_people(*, viewer: User | None, beginning: str, limit: int) -> list[User]:
    """Return the accounts whose handle or name has a word that begins so, best match first."""
    asked = names.words_asked(beginning)
    best = _best(_beginning(viewer, asked, most=4 * limit))[:limit]
    users = User.objects.in_bulk(best)
    return [users[id_] for id_ in best if id_ in users]


def refresh_tiers() -> None:
    """Bring the tiers of all accounts up to date."""
    with connection.cursor() as cursor:
        cursor.execute(sql.REFRESH_TIERS, {"tiers": names.TIERS})


def _best(matches: Iterable[Match]) -> list[int]:
    """Return the ids of the accounts, each once, best match first."""
    return list(dict.fromkeys(match.user_id for match in sorted(matches)))


def _beginning(viewer: User | None, asked: list[str], *, most: int = MOST) -> list[Match]:
    """The accounts that have a word that begins as the first one asked for, and the others."""
    if not asked:
        return []
    # The longest word has the fewest matches.
    word, others = _split(asked, max(asked, key=len))
    rows = _rows(sql.PEOPLE_BEGINNING, viewer, others, word=word, tiers=names.TIERS, limit=most)
    return [_match(row, _quality(row, word)) for row in rows]


def _near(viewer: User | None, asked: list[str]) -> list[Match]:
    """The accounts that have all words, if one of them has a typo."""
    matches = []
    for typed in asked:
        word, others = _split(asked, typed)
        if len(word) < names.LEAST:
            continue
        rows = _rows(sql.PEOPLE_NEAR, viewer, others, near=" ".join(names.near(word)), limit=MOST)
        matches += [_match(row, TYPO) for row in rows if names.is_typo(word, row[1])]
    return matches


def _split(asked: list[str], word: str) -> tuple[str, list[str]]:
    return word, [other for other in asked if other != word]


def _rows(query: Prepared, viewer: User | None, others: list[str], **more: Any) -> list[Row]:
    viewer_id = viewer.pk if viewer else None
    return query.rows(viewer=viewer_id, others=" ".join(others), last=LAST, **more)


def _quality(row: Row, typed: str) -> int:
    _, word, is_handle, _, _ = row
    return (HANDLE if is_handle else WORD) + (0 if word == typed else BEGINNING)


def _match(row: Row, quality: int) -> Match:
    user_id, _, _, followers, followed = row
    return Match(quality, not followed, -followers, user_id)
