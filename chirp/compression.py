"""Middleware: responses are sent compressed.

A home timeline is a sixth as long then. Intel's ISA-L (the package isal) does it in a quarter of a
millisecond, where zlib takes three.
"""

import secrets
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_header_parameters
from isal.igzip import IGzipFile

from chirp.vary import vary_on

LEAST = 1024  # bytes; less fits into one packet anyway
LEVEL = 2  # of 3; the last takes four times as long
# Texts. Images and archives are compressed already.
TYPES = frozenset(
    {
        "text/html",
        "text/plain",
        "text/xml",
        "application/json",
        "application/feed+json",
        "application/atom+xml",
        "application/rss+xml",
        "application/xml",
        "application/manifest+json",
        "application/vnd.oai.openapi",
    }
)
# The header of the file holds a name of random length, so that the length of a response tells
# nobody what a page holds beside a text of the attacker: BREACH, and "Heal the Breach" by
# Palacios and others, 2022, which Django's own middleware follows as well.
MOST_RANDOM = 100


class Compression:
    """Compress long texts for clients that take gzip."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response, compressed if that is of use."""
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and _is_long_text(response):
            vary_on(response, "Accept-Encoding")
            if takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
                _compress(response)
        return response


@lru_cache(maxsize=256)  # browsers are much alike
def takes_gzip(accepted: str) -> bool:
    """Whether this Accept-Encoding header allows gzip (RFC 9110, section 12.5.3)."""
    weights: dict[str, str] = {}
    for coding in accepted.lower().split(","):
        name, parameters = parse_header_parameters(coding)
        weights[name] = parameters.get("q", "1")
    weight = weights.get("gzip", weights.get("x-gzip", weights.get("*", "0")))
    return weight.strip("0.") != ""


def _is_long_text(response: HttpResponse) -> bool:
    kind = response.get("Content-Type", "").partition(";")[0].strip()
    return kind in TYPES and len(response.content) >= LEAST and "Content-Encoding" not in response


def _compress(response: HttpResponse) -> None:
    response.content = gzipped(response.content)
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    etag = response.get("ETag", "")
    if etag.startswith('"'):
        response["ETag"] = f"W/{etag}"  # the same page, not the same bytes


def gzipped(content: bytes) -> bytes:
    """The content as a gzip file whose name has a random length."""
    file = BytesIO()
    name = "a" * secrets.randbelow(MOST_RANDOM + 1)
    gzip: Any = IGzipFile  # the package has no types for it
    with gzip(filename=name, mode="wb", compresslevel=LEVEL, fileobj=file, mtime=0) as packed:
        packed.write(content)
    return file.getvalue()
