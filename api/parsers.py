"""Parsing of request bodies: JSON of limited size, and forms with files."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.parsers import MultiPartParser as LenientParser

from chirp.json_bodies import BadJson, decode


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
            return decode(content)
        except BadJson as error:
            raise ParseError(str(error)) from None


class MultiPartParser(LenientParser):
    """The parser of forms with files. A body in which it finds no part is refused.

    Django takes what is no form at all for an empty one, and what was sent would be lost unnoticed.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The fields and files. Raises ParseError (400)."""
        parsed = super().parse(stream, media_type, parser_context)
        length = int(parser_context["request"].META["CONTENT_LENGTH"]) if parser_context else 0
        boundary = parse_header_parameters(media_type or "")[1].get("boundary", "")
        if not parsed.data and not parsed.files and length > len(f"\r\n--{boundary}--\r\n"):
            raise ParseError("The body has no parts of a form.")
        return parsed
