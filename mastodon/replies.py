"""Replies of endpoints, and how they become responses."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpResponse

CONTENT_TYPE = "application/json; charset=utf-8"


@dataclass(slots=True)
class Reply:
    """What an endpoint returns: JSON, with a status and headers."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> HttpResponse:
        """The response. What depends on the token is never kept by a cache."""
        content = orjson.dumps(self.body)
        response = HttpResponse(content, content_type=CONTENT_TYPE, status=self.status)
        response["Cache-Control"] = "private, no-store"
        response["Vary"] = "Authorization, Origin"
        for name, value in self.headers.items():
            response[name] = value
        return response
