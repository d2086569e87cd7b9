"""Search for hashtags, their use and trends."""

import math
from typing import NamedTuple

from django.db import connection, transaction

from chirp import ids
from chirp.pagination import Page, PageRequest
from search import names, sql
from search.models import Tag
from search.people import LAST
from search.query import plain_words
from search.ranked import ranked_page
from tweets import text as texts

DAY = 24 * 60 * 60 * 1000 << ids.SEQUENCE_BITS  # in ids
DAYS = 7  # before today, with which today is compared
FEWEST = 3  # accounts that make a trend
LEAST = 1.0  # how unusual a trend is: by more than it varies by chance
MOST = 100  # hashtags of a tier that are compared
TRENDS = 10


class Used(NamedTuple):
    """A hashtag and the number of accounts that used it lately: today and on the days before."""

    tag: str
    authors: int


class Use(NamedTuple):
    """How many accounts used a hashtag today, on an average day before, and on all these days."""

    tag: str
    today: int
    before: float
    authors: int


def search_hashtags(*, query: str, page: PageRequest) -> Page[Used]:
    """Return the hashtags that begin like a query, the same one first, then by their use.

    Hashtags are known some minutes after their first public use. Raises BadQuery.
    """
    return ranked_page(_beginning(plain_words(query)), page)


def complete_hashtags(*, beginning: str, limit: int) -> list[Used]:
    """Return the hashtags that begin so, by their use."""
    return _beginning(beginning)[:limit]


def _beginning(typed: str) -> list[Used]:
    tag = texts.normalize_tag(typed)
    if tag is None:
        return []
    rows = sql.TAGS_BEGINNING.rows(tag=tag, last=LAST, tiers=names.TIERS, limit=MOST)
    return sorted((Used(*row) for row in rows), key=lambda used: (used.tag != tag, -used.authors))


def trends(*, limit: int = TRENDS) -> list[Used]:
    """Return the hashtags that are used more than usual, the most unusual first. One query."""
    rising = Tag.objects.filter(trend__gt=0, blocked=False).order_by("-trend", "tag")
    return [Used(tag.tag, tag.authors) for tag in rising[:limit]]


def block_trend(*, tag: str, blocked: bool) -> None:
    """Keep a hashtag out of the trends, or let it in again."""
    Tag.objects.update_or_create(pk=tag, defaults={"blocked": blocked})


def refresh() -> None:
    """Count anew who uses which hashtags, and what the trends are."""
    (now,) = ids.draw()
    with connection.cursor() as cursor:
        cursor.execute(sql.TAG_USE, {"now": now, "day": DAY, "days": DAYS})
        used = [Use(*row) for row in cursor.fetchall()]
    _write(used)


def remember_all() -> None:
    """Let all hashtags be found that are in public use, however long ago they were used."""
    with connection.cursor() as cursor:
        cursor.execute(sql.REMEMBER_TAGS)


@transaction.atomic
def _write(used: list[Use]) -> None:
    """Write what has changed, and that nobody used the other hashtags."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_TAGS)
    before = {tag.tag: tag for tag in Tag.objects.exclude(authors=0)}
    unused = [Tag(name) for name in before.keys() - {use.tag for use in used}]
    changed = [tag for tag in map(_tag, used) if _differs(tag, before.get(tag.tag))]
    Tag.objects.bulk_create(
        [*unused, *changed],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tag"],
        update_fields=["authors", "tier", "trend"],
    )


def _tag(use: Use) -> Tag:
    return Tag(use.tag, use.authors, names.tier(use.authors), rising(use.today, use.before))


def _differs(tag: Tag, before: Tag | None) -> bool:
    return before is None or (tag.authors, tag.trend) != (before.authors, before.trend)


def rising(today: float, before: float) -> float:
    """Return how unusual it is that so many accounts used a hashtag today; 0 if it is usual.

    `before` is how many used it on a day of the last week. Accounts are counted and not tweets, so
    that nobody makes a trend alone. By chance such a number varies by its square root, so a rise
    from 10 to 40 is as unusual as one from 1,000 to 1,300.
    """
    unusual = (today - before) / math.sqrt(before + 1)
    return unusual if today >= FEWEST and unusual >= LEAST else 0.0
