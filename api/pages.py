"""JSON bodies of paginated lists."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from rest_framework.request import Request

from chirp.pagination import Cursor, Page


def page_body(request: HttpRequest | Request, page: Page[Any]) -> dict[str, Any]:
    """The JSON body of a page whose results are already represented as JSON."""
    return {
        "results": page.results,
        "next": page_url(request, page.next),
        "previous": page_url(request, page.previous),
    }


def page_url(request: HttpRequest | Request, cursor: Cursor | None) -> str | None:
    """The URL of the page at `cursor`, with the request's other query parameters."""
    if cursor is None:
        return None
    query = {**request.GET.dict(), "cursor": cursor.encode()}
    return f"{request.build_absolute_uri(request.path)}?{urlencode(query)}"
