"""Parts of the OpenAPI document that endpoints share: errors, pages and common parameters.

@extend_schema(
    summary="Followers of a user",
    parameters=PAGE_PARAMETERS,
    responses={200: page_of(ProfileSerializer), **errors(400, 401, 403, 404)},
)
"""

from functools import cache
from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from chirp.pagination import DEFAULT_LIMIT, MAX_LIMIT

MEANINGS = {
    400: "The request is not valid; `fields` says which values are wrong.",
    401: "Not authenticated, or the token is invalid or expired.",
    403: "Not allowed.",
    404: "Not found, or not visible to the viewer.",
    409: "Conflict with an existing object or another request.",
    413: "The body is too large.",
    415: "The body, or an uploaded file, has a type that is not supported.",
    429: "Too many requests; try again after the time in Retry-After.",
    503: "The database is unavailable or took too long; try again after the time in Retry-After.",
}


class ErrorSerializer(serializers.Serializer[Any]):
    """An error."""

    error = serializers.CharField(help_text="A machine-readable code.")
    message = serializers.CharField(help_text="A message for people.")
    fields_ = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Error messages by field.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Rename `fields_` to `fields`, a name that Django REST Framework reserves in the class."""
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


def base_of(request: HttpRequest | Request) -> str:
    """The site's base URL without a trailing slash, for links in responses."""
    return request.build_absolute_uri("/").removesuffix("/")


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """The responses for these error statuses and 503, for `extend_schema(responses=...)`."""
    return {
        status: OpenApiResponse(ErrorSerializer, description=MEANINGS[status])
        for status in (*statuses, 503)
    }


@cache  # a single class, so that the schema has a single component
def page_of(entry: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """A serializer class that describes a page of a list of `entry`."""
    page = inline_serializer(
        name=f"{entry.__name__.removesuffix('Serializer')}Page",
        fields={
            "results": entry(many=True),
            "next": serializers.URLField(
                allow_null=True,
                help_text="URL of the next page; null on the last page. A short page may have one.",
            ),
            "previous": serializers.URLField(
                allow_null=True, help_text="URL of the previous page; null on the first page."
            ),
        },
    )
    return type(page)


PAGE_PARAMETERS = [
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        description="Maximum number of results per page.",
    ),
    OpenApiParameter(
        "cursor",
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{3,27}$"},
        description="A position in the list, taken from `next` or `previous`.",
    ),
]
HANDLE = OpenApiParameter(
    "handle",
    {"type": "string", "pattern": "^[A-Za-z0-9_]{1,30}$"},
    OpenApiParameter.PATH,
    description="The handle of a user, case-insensitive.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    OpenApiParameter.HEADER,
    description="Makes the request safe to repeat. A request with the same key and body within 24 "
    "hours returns the first response again; one with another body returns a 409. Error responses "
    "are not stored.",
)
RATE_LIMIT_HEADERS = [
    OpenApiParameter(
        "RateLimit-Policy",
        {"type": "string"},
        OpenApiParameter.HEADER,
        description='The limit, such as `"write";q=300;w=300`: requests (q) in a window of seconds '
        "(w).",
        response=True,
    ),
    OpenApiParameter(
        "RateLimit",
        {"type": "string"},
        OpenApiParameter.HEADER,
        description='The remaining quota, such as `"write";r=299;t=300`: requests (r), and seconds '
        "until the quota is reset (t).",
        response=True,
    ),
    OpenApiParameter(
        "Retry-After",
        {"type": "integer"},
        OpenApiParameter.HEADER,
        description="Seconds to wait before the next attempt.",
        response=[409, 429],
    ),
]
