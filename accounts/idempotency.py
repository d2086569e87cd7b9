"""Requests that take effect once although they are sent twice.

The row of a key is inserted in the transaction of the work itself, so either both are there or
neither is. A second request with the same key waits at the unique constraint until the first one
has committed, and then finds its answer. Only success is kept: after an error everything is rolled
back, and the same key can be used again for a corrected request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from accounts import sql
from accounts.models import IdempotentRequest
from chirp.errors import Conflict

WAIT_MS = 2000


class KeyUsed(Conflict):
    """The key was used with another request."""

    code = "idempotency_key_used"
    message = "This Idempotency-Key was used for another request."


class StillRunning(Conflict):
    """The first request with this key is not done yet."""

    code = "still_running"
    message = "The first request with this Idempotency-Key is still running. Try again."


class Answer(NamedTuple):
    """What the first request was answered: a status, and the JSON of the body."""

    status: int
    body: str


def claim(*, user_id: int, key: str, fingerprint: str) -> int | None:
    """The id of the row of a new key; None when the key was used before.

    Call it in the transaction of the work. Waits for another request that is using the key.
    """
    values: dict[str, Any] = {
        "user": user_id,
        "key": key,
        "fingerprint": fingerprint,
        "kept": IdempotentRequest.KEPT,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
        cursor.execute(sql.CLAIM, values)
        row = cursor.fetchone()
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    return None if row is None else int(row[0])


def first_answer(*, user_id: int, key: str, fingerprint: str) -> Answer:
    """What the first request with this key was answered. Raises KeyUsed for another request."""
    first = IdempotentRequest.objects.get(user_id=user_id, key=key)
    if first.fingerprint != fingerprint:
        raise KeyUsed
    assert first.status is not None  # set before the row was committed
    return Answer(first.status, first.response)


def keep(row_id: int, answer: Answer) -> None:
    """Keep the answer with the row of its key."""
    IdempotentRequest.objects.filter(pk=row_id).update(status=answer.status, response=answer.body)


@contextmanager
def once() -> Iterator[None]:
    """The transaction of the work and its key. StillRunning when the first one takes too long."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise StillRunning(retry_after=1) from None
        raise
