"""The Vary header of responses: on which headers of the request they depend."""

from functools import lru_cache

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers


def vary_on(response: HttpResponseBase, *names: str) -> None:
    """Add these headers to those that the response depends on."""
    response.headers["Vary"] = _with(response.headers.get("Vary", ""), names)


@lru_cache(maxsize=256)  # every response asks three times, and there are few different ones
def _with(vary: str, names: tuple[str, ...]) -> str:
    response = HttpResponse(headers={"Vary": vary} if vary else None)
    patch_vary_headers(response, names)
    return response.headers["Vary"]
