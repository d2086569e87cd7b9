"""JSON responses by orjson: several times faster than the standard library, in plain UTF-8."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer


def rendered(data: Any) -> HttpResponse:
    """A response with `data` already encoded as JSON, for views with heavy traffic.

    A `Response` keeps its data and is in a reference cycle with its view and the request, so that
    all of it would stay in memory until the garbage collector runs.
    """
    return HttpResponse(_encode(data), content_type=OrjsonRenderer.media_type)


def _encode(data: Any) -> bytes:
    return orjson.dumps(data, default=str)


class OrjsonRenderer(BaseRenderer):
    """The renderer of all API views."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """`data` as UTF-8 JSON; empty if `data` is None (204)."""
        return b"" if data is None else _encode(data)
