"""`Idempotency-Key`: a POST that is repeated takes effect once and returns the same response."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
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
    """The key is empty, too long, or contains characters other than printable ASCII."""

    code = "bad_idempotency_key"
    message = "An Idempotency-Key is 1 to 255 printable ASCII characters."
    field = HEADER


def idempotent(handler: Handler) -> Handler:
    """Make the `post` method of an API view idempotent. The view must require authentication.

    With a key, the method runs inside a transaction, and its response must be JSON. Raises BadKey,
    KeyUsed if the key was used for another request, or StillRunning if the first request with the
    key takes too long.
    """

    @wraps(handler)
    def post(view: View, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        key = key.strip(" \t")  # HTTP allows space around a value; not every server strips it
        if not KEY.fullmatch(key):
            raise BadKey
        return _run_once(request, key, lambda: handler(view, request, *args, **kwargs))

    return post


def _run_once(request: Request, key: str, work: Callable[[], Response]) -> Response:
    identity: dict[str, Any] = {
        "user_id": signed_in_user(request).pk,
        "key": key,
        "fingerprint": _fingerprint(request),
    }
    with idempotency.once():
        row_id = idempotency.claim(**identity)
        if row_id is None:
            first = idempotency.first_answer(**identity)
            return Response(orjson.loads(first.body), status=first.status)
        response = work()
        if response.status_code < 400:
            body = orjson.dumps(response.data).decode()
            idempotency.keep(row_id, idempotency.Answer(response.status_code, body))
        else:
            transaction.set_rollback(True)
        return response


def _fingerprint(request: Request) -> str:
    """A digest that is equal for two requests with the same method, URL, JSON value and files."""
    data = request.data
    if isinstance(data, QueryDict):  # a form
        data = {name: [_field(value) for value in values] for name, values in data.lists()}
    body = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    content = f"{request.method} {request.get_full_path()}\n".encode() + body
    return hashlib.sha256(content).hexdigest()


def _field(value: Any) -> Any:
    """The value of a field of a form, or a digest of an uploaded file, which may be large."""
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return {"sha256": digest.hexdigest()}
