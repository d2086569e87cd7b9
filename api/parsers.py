"""Parsing of request bodies: JSON of limited size, by orjson.

orjson refuses bytes that are not UTF-8, lone surrogates and NaN. It reads deeper nesting (1,024
levels) than it writes (254), so depth is limited here: whatever was read can be written again, into
an idempotency record for example.
"""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

# No endpoint expects more than 5 levels.
MAX_DEPTH = 32


class BodyTooLarge(APIException):
    """The body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The body of this request is too large."


class OrjsonParser(BaseParser):
    """The parser of all API views, except for uploads."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The decoded body. Raises ParseError (400) or BodyTooLarge (413)."""
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(limit + 1)
        if len(content) > limit:
            raise BodyTooLarge
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from None
        if _is_deep(content, body):
            raise ParseError(f"The body is nested more than {MAX_DEPTH} levels deep.")
        return body


def _is_deep(content: bytes, body: Any) -> bool:
    """Whether arrays and objects in `body` are nested more than MAX_DEPTH levels.

    Without recursion, level by level; and not at all for a body with too few brackets, as nearly
    all have.
    """
    if content.count(b"[") + content.count(b"{") <= MAX_DEPTH:
        return False
    level = [body]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for value in level
            if isinstance(value, (dict, list))
            for child in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, (dict, list)) for value in level)
