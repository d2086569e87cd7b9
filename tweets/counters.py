"""Counts of tweets and likes against the rows that they count.

Deleted tweets and undone reposts do not count; what moderators hide, and reposts and likes of what
was deleted, do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from people.counters import REPAIR_BATCH, Mismatch


@dataclass(frozen=True, slots=True)
class Counter:
    """The column `{name}_count` of `owners` says how many of `rows` have its id in `key`."""

    label: str
    owners: str
    name: str
    rows: str
    key: str


STANDING = "(SELECT * FROM tweets_tweet WHERE deleted_at IS NULL)"
COUNTERS = (
    Counter("user", "accounts_user", "tweets", STANDING, "author_id"),
    Counter("user", "accounts_user", "likes", "tweets_like", "user_id"),
    Counter("tweet", "tweets_tweet", "likes", "tweets_like", "tweet_id"),
    Counter("tweet", "tweets_tweet", "reposts", STANDING, "repost_of_id"),
    Counter("tweet", "tweets_tweet", "quotes", STANDING, "quote_of_id"),
    Counter("tweet", "tweets_tweet", "replies", STANDING, "reply_to_id"),
)
WRONG = """
SELECT o.id, o.{c.name}_count, coalesce(counted.rows, 0) FROM {c.owners} o
LEFT JOIN (
    SELECT r.{c.key} AS id, count(*) AS rows FROM {c.rows} r GROUP BY 1
) counted USING (id)
WHERE o.{c.name}_count <> coalesce(counted.rows, 0) ORDER BY 1
"""
LOCK = "SELECT FROM {c.owners} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
# A statement of its own after the lock, so that it sees what was committed until then.
RECOUNT = """
UPDATE {c.owners} o
SET {c.name}_count = (SELECT count(*) FROM {c.rows} r WHERE r.{c.key} = o.id)
WHERE o.id = ANY(%s)
"""


def check() -> list[Mismatch]:
    """Every wrong count, counter by counter."""
    return [mismatch for counter in COUNTERS for mismatch in _wrong(counter)]


def _wrong(counter: Counter) -> Iterable[Mismatch]:
    with connection.cursor() as cursor:
        cursor.execute(WRONG.format(c=counter))
        rows = cursor.fetchall()
    for id_, stored, counted in rows:
        yield Mismatch(counter.label, id_, counter.name, stored, counted)


def repair() -> int:
    """Set every wrong count right and return how many people and tweets that were.

    Safe while people post: the rows are locked, and counted once they are.
    """
    repaired = set()
    for counter in COUNTERS:
        wrong = [mismatch.id for mismatch in _wrong(counter)]
        for start in range(0, len(wrong), REPAIR_BATCH):
            _recount(counter, wrong[start : start + REPAIR_BATCH])
        repaired |= {(counter.label, id_) for id_ in wrong}
    return len(repaired)


@transaction.atomic
def _recount(counter: Counter, ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK.format(c=counter), [ids])
        cursor.execute(RECOUNT.format(c=counter), [ids])
