"""JSON by orjson: several times faster than the standard library, and UTF-8 without escapes."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer


def rendered(data: Any) -> HttpResponse:
    """`data` as an answer that is rendered already: for what is read at every moment.

    A `Response` keeps its data, and stands in a cycle with its view and the request: everything in
    it would stay until Python looks for garbage.
    """
    return HttpResponse(_dumped(data), content_type=OrjsonRenderer.media_type)


def _dumped(data: Any) -> bytes:
    return orjson.dumps(data, default=str)


class OrjsonRenderer(BaseRenderer):
    """The only renderer of the API."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """`data` as UTF-8 JSON; nothing for no data (204)."""
        return b"" if data is None else _dumped(data)
