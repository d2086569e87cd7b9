"""Idempotency keys: a request that is sent twice takes effect once.

The row of a key is inserted in the transaction of the work, so either both are committed or
neither is. A second request with the same key waits at the unique constraint until the first
commits, and then finds the stored response. Only successful responses are stored: an error rolls
everything back, and the key can be used again for a corrected request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from accounts import sql
from accounts.models import IdempotentRequest
from chirp.errors import Conflict
from chirp.texts import text as _

WAIT_MS = 2000


class KeyUsed(Conflict):
    """The key was used for a different request."""

    code = "idempotency_key_used"
    message = _("This Idempotency-Key was used for another request.")


class StillRunning(Conflict):
    """The first request with this key has not finished."""

    code = "still_running"
    message = _("The first request with this Idempotency-Key is still running. Try again.")


class Answer(NamedTuple):
    """The response to the first request: its status code, and its body as JSON."""

    status: int
    body: str


def claim(*, user_id: int, key: str, fingerprint: str) -> int | None:
    """Insert the row of a new key and return its id; return None if the key was used before.

    Call it in the transaction of the work. Waits for a concurrent request with the same key, for
    up to WAIT_MS milliseconds.
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
    """Return the response to the first request with this key.

    Raises KeyUsed if that was a different request, judged by its `fingerprint`.
    """
    first = IdempotentRequest.objects.get(user_id=user_id, key=key)
    if first.fingerprint != fingerprint:
        raise KeyUsed
    assert first.status is not None  # set before the row was committed
    return Answer(first.status, first.response)


def keep(row_id: int, answer: Answer) -> None:
    """Store the response in the row of its key."""
    IdempotentRequest.objects.filter(pk=row_id).update(status=answer.status, response=answer.body)


@contextmanager
def once() -> Iterator[None]:
    """Open the transaction of the work and its key.

    Raises StillRunning if the first request with the key takes too long.
    """
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise StillRunning(retry_after=1) from None
        raise
