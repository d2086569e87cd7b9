"""Request bodies: JSON by orjson, of bounded size.

orjson refuses what would do harm later: bytes that are not UTF-8, halves of surrogate pairs, NaN,
and nesting so deep that Python's own parser would run out of stack.
"""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class BodyTooLarge(APIException):
    """The body is larger than any that makes sense."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The body of this request is too large."


class OrjsonParser(BaseParser):
    """The only parser of the API, uploads apart."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value in the body. ParseError (400) or BodyTooLarge (413)."""
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(most + 1)
        if len(content) > most:
            raise BodyTooLarge
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from None
