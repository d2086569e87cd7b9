"""`Idempotency-Key`: a POST that is sent twice works once and is answered twice."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import orjson
from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import idempotency
from api.authentication import signed_in_user
from chirp.errors import ChirpError

HEADER = "Idempotency-Key"
KEY = re.compile(r"[ -~]{1,255}")
View = TypeVar("View", bound=APIView)
Handler = Callable[..., Response]


class BadKey(ChirpError):
    """The key is empty, too long, or has other characters than printable ASCII."""

    code = "bad_idempotency_key"
    message = "An Idempotency-Key is 1 to 255 printable ASCII characters."
    field = HEADER


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
    this: dict[str, Any] = {
        "user_id": signed_in_user(request).pk,
        "key": key,
        "fingerprint": _fingerprint(request),
    }
    with idempotency.once():
        claimed = idempotency.claim(**this)
        if claimed is None:
            first = idempotency.first_answer(**this)
            return Response(orjson.loads(first.body), status=first.status)
        response = work()
        if response.status_code < 400:
            body = orjson.dumps(response.data).decode()
            idempotency.keep(claimed, idempotency.Answer(response.status_code, body))
        else:
            transaction.set_rollback(True)
        return response


def _fingerprint(request: Request) -> str:
    """What makes two requests the same: where to, and the same JSON whatever its spacing."""
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    asked = f"{request.method} {request.get_full_path()}\n".encode() + body
    return hashlib.sha256(asked).hexdigest()
