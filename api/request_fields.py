"""Fields of requests. JSON has types: a number where a string belongs is an error.

They neither trim nor change anything: services know what a text may be.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from chirp import ids


def validated(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What the body of `request` says, as `serializer` understands it. ValidationError (400)."""
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    values: dict[str, Any] = checked.validated_data
    return values


class StrictCharField(serializers.CharField):
    """A string; NUL and halves of surrogate pairs are refused."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The string itself."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """`true` or `false`, and not "yes" or 1."""

    def to_internal_value(self, data: Any) -> bool:
        """The boolean itself."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictFloatField(serializers.FloatField):
    """A number, and not "1.5" or true."""

    def to_internal_value(self, data: Any) -> float:
        """The number itself."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return float(super().to_internal_value(data))


@extend_schema_field(
    {"type": "string", "pattern": "^[0-9]{1,16}$", "examples": ["412316860416000"]}
)
class IdField(serializers.Field[int, Any, str, Any]):
    """An id: a decimal number in a string. The validated value is an `int`."""

    default_error_messages = {"invalid": "Not an id: ids are strings of digits."}

    def to_internal_value(self, data: Any) -> int:
        """The id as a number."""
        id_ = ids.parse(data)
        if id_ is None:
            self.fail("invalid")
        return id_

    def to_representation(self, value: Any) -> str:
        """The id as a string."""
        return str(value)
