"""`Idempotency-Key`: a POST that is sent twice works once and is answered twice.

The key's row is inserted in the transaction of the work itself, so either both are there or neither
is. A second request with the same key waits at the unique constraint until the first one has
committed, and then finds its answer. Only success is kept: after an error everything is rolled
back, and the same key can be used again for a better try.
"""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import orjson
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import person_of
from accounts.models import IdempotentRequest
from chirp.errors import ChirpError, Conflict

HEADER = "Idempotency-Key"
KEY = re.compile(r"[ -~]{1,255}")
WAIT_MS = 2000
# Whoever comes second waits here for the first. A key that has expired is as good as new.
CLAIM = """
INSERT INTO accounts_idempotentrequest (user_id, key, fingerprint, response)
VALUES (%(user)s, %(key)s, %(fingerprint)s, '')
ON CONFLICT (user_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = NULL, response = '', created_at = now()
    WHERE accounts_idempotentrequest.created_at < now() - %(kept)s
RETURNING id
"""
View = TypeVar("View", bound=APIView)
Handler = Callable[..., Response]


class BadKey(ChirpError):
    """The key is empty, too long, or has other characters than printable ASCII."""

    code = "bad_idempotency_key"
    message = "An Idempotency-Key is 1 to 255 printable ASCII characters."
    field = HEADER


class KeyUsed(Conflict):
    """The key was used with another request."""

    code = "idempotency_key_used"
    message = "This Idempotency-Key was used for another request."


class StillRunning(Conflict):
    """The first request with this key is not done yet."""

    code = "still_running"
    message = "The first request with this Idempotency-Key is still running. Try again."


def idempotent(handler: Handler) -> Handler:
    """Give the `post` method of an API view for signed-in people this behaviour.

    With a key the method runs inside a transaction, and its answer must be JSON. BadKey, KeyUsed,
    or StillRunning when the first request takes too long.
    """

    @wraps(handler)
    def post(view: View, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        key = key.strip(" \t")  # as HTTP has it, whatever the server left
        if not KEY.fullmatch(key):
            raise BadKey
        return _once(request, key, lambda: handler(view, request, *args, **kwargs))

    return post


def _once(request: Request, key: str, work: Callable[[], Response]) -> Response:
    fingerprint = _fingerprint(request)
    user_id = person_of(request).pk
    try:
        with transaction.atomic():
            claimed = _claim(user_id, key, fingerprint)
            if claimed is None:
                return _first_answer(user_id, key, fingerprint)
            response = work()
            _keep(claimed, response)
            return response
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise StillRunning(retry_after=1) from None
        raise


def _claim(user_id: int, key: str, fingerprint: str) -> int | None:
    """The row of a new key, or None when it was used. Waits for a request that is using it."""
    values: dict[str, Any] = {
        "user": user_id,
        "key": key,
        "fingerprint": fingerprint,
        "kept": IdempotentRequest.KEPT,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
        cursor.execute(CLAIM, values)
        row = cursor.fetchone()
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    return None if row is None else int(row[0])


def _first_answer(user_id: int, key: str, fingerprint: str) -> Response:
    first = IdempotentRequest.objects.get(user_id=user_id, key=key)
    if first.fingerprint != fingerprint:
        raise KeyUsed
    return Response(orjson.loads(first.response), status=first.status)


def _keep(row_id: int, response: Response) -> None:
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return
    IdempotentRequest.objects.filter(pk=row_id).update(
        status=response.status_code, response=orjson.dumps(response.data).decode()
    )


def _fingerprint(request: Request) -> str:
    """What makes two requests the same: where to, and the same JSON whatever its spacing."""
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    asked = f"{request.method} {request.get_full_path()}\n".encode() + body
    return hashlib.sha256(asked).hexdigest()
