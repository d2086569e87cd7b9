"""The OpenAPI description of reads: all of them are limited, unless their view has no throttles."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from api.schema import RATE_LIMIT_HEADERS, errors


class LimitedSchema(AutoSchema):
    """Adds the 429 and the headers of the rate limit to every GET, so that no view repeats them."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        if self._is_limited_read() and "429" not in responses:
            refused = errors(429)[429]
            described = self._get_response_for_code(refused, "429", direction=direction)  # type: ignore[no-untyped-call]
            responses["429"] = described
        return responses

    def _get_response_headers_for_code(
        self, status_code: str, direction: Any = "response"
    ) -> dict[str, Any]:
        found: dict[str, Any] = super()._get_response_headers_for_code(status_code, direction)
        return (_rate_limit_headers(status_code) | found) if self._is_limited_read() else found

    def _is_limited_read(self) -> bool:
        return self.method == "GET" and bool(self.view.throttle_classes)


def _rate_limit_headers(status_code: str) -> dict[str, Any]:
    return {
        header.name: {"schema": header.type, "description": header.description}
        for header in RATE_LIMIT_HEADERS
        if _has(header, int(status_code))
    }


def _has(header: OpenApiParameter, status: int) -> bool:
    statuses = header.response or ()
    return statuses is True or status in statuses
