"""Serializer fields for requests, with strict types: a number in place of a string is an error.

They neither trim nor change values: the services decide which texts are valid.
"""

import re
from datetime import datetime
from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from chirp import ids

OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.ASCII | re.IGNORECASE)


def validated(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body of `request`, validated by `serializer`. Raises ValidationError (400)."""
    values: dict[str, Any] = _built(serializer).run_validation(request.data)
    return values


@cache
def _built(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The serializer, built once: a new one copies its fields. It keeps nothing of a request."""
    return serializer()


class StrictCharField(serializers.CharField):
    """A string. NUL and lone surrogates are refused."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The string, unchanged. Raises ValidationError for other types."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """`true` or `false`; other values, such as "yes" and 1, are refused."""

    def to_internal_value(self, data: Any) -> bool:
        """The boolean, unchanged. Raises ValidationError for other types."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictFloatField(serializers.FloatField):
    """A number; other values, such as "1.5" and true, are refused."""

    def to_internal_value(self, data: Any) -> float:
        """The number as a float. Raises ValidationError for other types."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return float(super().to_internal_value(data))


class StrictDateTimeField(serializers.DateTimeField):
    """A time with its offset, as in "2026-11-28T09:30:00Z". Other values are refused."""

    default_error_messages = {"naive": "Must have an offset from UTC, such as Z or +01:00."}

    def to_internal_value(self, data: Any) -> datetime:
        """The time. Raises ValidationError for other types, and for times without an offset."""
        if not isinstance(data, str):
            self.fail("invalid", format="RFC 3339")
        if not OFFSET.search(data):
            self.fail("naive")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A whole number; other values, such as "1", 1.0 and true, are refused."""

    def to_internal_value(self, data: Any) -> int:
        """The number, unchanged. Raises ValidationError for other types."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(
    {"type": "string", "pattern": "^[0-9]{1,16}$", "examples": ["412316860416000"]}
)
class IdField(serializers.Field[int, Any, str, Any]):
    """An id: a decimal number in a string. The validated value is an `int`."""

    default_error_messages = {"invalid": "Not an id: ids are strings of digits."}

    def to_internal_value(self, data: Any) -> int:
        """The id as an integer. Raises ValidationError for a string that is not an id."""
        id_ = ids.parse(data)
        if id_ is None:
            self.fail("invalid")
        return id_

    def to_representation(self, value: Any) -> str:
        """The id as a string."""
        return str(value)


@extend_schema_field({"type": "null"})
class NullField(serializers.Field[None, Any, None, Any]):
    """Null, for a value that can only be removed."""

    default_error_messages = {"invalid": "Must be null, which removes it."}

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Accept null. (With `allow_null`, the schema would list null twice.)"""
        return (True, None) if data is None else super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> None:
        """Raise ValidationError: only null is valid."""
        self.fail("invalid")


@extend_schema_field({"type": "string", "format": "binary"})
class UploadedFileField(serializers.FileField):
    """An uploaded file. Its name is not used."""


class FormSwitchField(serializers.ChoiceField):
    """A boolean in a form, whose values are texts: `true` or `false`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(("true", "false"), **kwargs)

    def to_internal_value(self, data: Any) -> bool:  # type: ignore[override]
        """The boolean. Raises ValidationError for other texts."""
        return bool(super().to_internal_value(data) == "true")
