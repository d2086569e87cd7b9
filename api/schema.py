"""What the descriptions of all endpoints share: errors, pages, and the usual parameters.

@extend_schema(
    summary="Who follows somebody",
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
    400: "Something of the request is malformed or not possible; its fields say what.",
    401: "Nobody is signed in, or the token is not valid (any more).",
    403: "Not allowed.",
    404: "Not there, or not yours to see.",
    409: "It collides with what is there.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    429: "Too many requests: wait as long as Retry-After says.",
    503: "The database is away: try again in a moment.",
}


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error."""

    error = serializers.CharField(help_text="A code for programs.")
    message = serializers.CharField(help_text="A sentence for people.")
    fields_ = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with which field.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a name that Django REST Framework keeps for itself."""
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


def base_of(request: HttpRequest | Request) -> str:
    """The site's address without a slash at its end, for links in answers."""
    return request.build_absolute_uri("/").rstrip("/")


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """The answers for these error statuses and 503, for `extend_schema(responses=...)`."""
    return {
        status: OpenApiResponse(ErrorSerializer, description=MEANINGS[status])
        for status in (*statuses, 503)
    }


@cache  # one class, so that one component of the schema
def page_of(entry: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The description of a page of a list of `entry`."""
    page = inline_serializer(
        name=f"{entry.__name__.removesuffix('Serializer')}Page",
        fields={
            "results": entry(many=True),
            "next": serializers.URLField(
                allow_null=True, help_text="The page below; null at the end."
            ),
            "previous": serializers.URLField(
                allow_null=True, help_text="The page above; null on the first page."
            ),
        },
    )
    return type(page)


PAGE_PARAMETERS = [
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        description="How many entries.",
    ),
    OpenApiParameter(
        "cursor",
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{3,27}$"},
        description="A place in the list, from `next` or `previous`.",
    ),
]
HANDLE = OpenApiParameter(
    "handle",
    {"type": "string", "pattern": "^[A-Za-z0-9_]{1,30}$"},
    OpenApiParameter.PATH,
    description="A person's handle, in any case.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    OpenApiParameter.HEADER,
    description="Sent again within 24 hours with the same body it gives the first answer again; "
    "with another body a 409. An answer that is an error is not kept.",
)
RATE_LIMIT_HEADERS = [
    OpenApiParameter(
        "RateLimit-Policy",
        {"type": "string"},
        OpenApiParameter.HEADER,
        description='The limit, such as `"write";q=300;w=300`: requests (q) in seconds (w).',
        response=True,
    ),
    OpenApiParameter(
        "RateLimit",
        {"type": "string"},
        OpenApiParameter.HEADER,
        description='What is left of it, such as `"write";r=299;t=300`: requests (r), and the '
        "seconds (t) until all are there again.",
        response=True,
    ),
    OpenApiParameter(
        "Retry-After",
        {"type": "integer"},
        OpenApiParameter.HEADER,
        description="Seconds to wait.",
        response=[409, 429],
    ),
]
