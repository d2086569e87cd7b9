"""Counts of followers and followees against the rows that they count."""

from dataclasses import dataclass

from django.db import connection, transaction

# Every person whose counts are wrong, with what the rows say.
WRONG = """
SELECT u.id, u.followers_count, u.following_count,
    coalesce(i.edges, 0) AS followers, coalesce(o.edges, 0) AS following
FROM accounts_user u
LEFT JOIN (SELECT followee_id AS id, count(*) AS edges FROM people_follow
    WHERE since_id IS NOT NULL GROUP BY 1) i USING (id)
LEFT JOIN (SELECT follower_id AS id, count(*) AS edges FROM people_follow
    WHERE since_id IS NOT NULL GROUP BY 1) o USING (id)
WHERE u.followers_count <> coalesce(i.edges, 0) OR u.following_count <> coalesce(o.edges, 0)
ORDER BY u.id
"""
# A statement of its own after the lock, so that it sees what was committed until then.
RECOUNT = """
UPDATE accounts_user u SET
    followers_count = (SELECT count(*) FROM people_follow
        WHERE followee_id = u.id AND since_id IS NOT NULL),
    following_count = (SELECT count(*) FROM people_follow
        WHERE follower_id = u.id AND since_id IS NOT NULL)
WHERE u.id = ANY(%s)
"""
LOCK = "SELECT FROM accounts_user WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
REPAIR_BATCH = 200


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A count that is not what the rows say."""

    table: str
    id: int
    counter: str
    stored: int
    counted: int

    def __str__(self) -> str:
        return f"{self.table} {self.id}: {self.counter} is {self.stored}, should be {self.counted}"


def check() -> list[Mismatch]:
    """Every wrong count, by person."""
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        rows = cursor.fetchall()
    return [mismatch for row in rows for mismatch in _mismatches(*row)]


def _mismatches(
    id_: int, followers: int, following: int, true_followers: int, true_following: int
) -> list[Mismatch]:
    compared = [("followers", followers, true_followers), ("following", following, true_following)]
    return [
        Mismatch("user", id_, counter, stored, counted)
        for counter, stored, counted in compared
        if stored != counted
    ]


def repair() -> int:
    """Set every wrong count right and return how many people that were.

    Safe while people follow: the rows are locked, and counted once they are.
    """
    wrong = sorted({mismatch.id for mismatch in check()})
    for start in range(0, len(wrong), REPAIR_BATCH):
        _recount(wrong[start : start + REPAIR_BATCH])
    return len(wrong)


@transaction.atomic
def _recount(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])
        cursor.execute(RECOUNT, [ids])
