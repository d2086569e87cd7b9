"""JSON by orjson: several times faster than the standard library, and UTF-8 without escapes."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


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
        return b"" if data is None else orjson.dumps(data, default=str)
