"""Download a page or a picture from a host that nobody trusts, within limits.

Each redirect is a request of its own, so that it may lead to public addresses only.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

from django.conf import settings
from urllib3.response import BaseHTTPResponse

from chirp.outbound.addresses import normalized
from chirp.outbound.connections import Deadline, NotReached, requested

REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 4
GZIP = 16 + zlib.MAX_WBITS


class NoPreview(Exception):
    """There is nothing to show of this URL. The text says why, to operators."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What was downloaded. `charset` is the one that the server named, or empty."""

    url: str
    type: str
    charset: str
    body: bytes


def download(
    url: str,
    *,
    types: Sequence[str],
    limit: int,
    seconds: float,
    whole: bool = False,
    allowed: Callable[[str], bool] = lambda url: True,
) -> Downloaded:
    """Return what is at a normalized URL, after redirects, or the first `limit` bytes of it.

    `types` are beginnings of content types. With `whole`, something longer than `limit` is refused.
    `allowed` is asked about each URL before it is requested. Raises NoPreview.
    """
    try:
        return _through_redirects(url, types, limit, whole, Deadline(seconds), allowed)
    except NotReached as error:
        raise NoPreview(str(error)) from None


def _through_redirects(
    url: str,
    types: Sequence[str],
    limit: int,
    whole: bool,
    deadline: Deadline,
    allowed: Callable[[str], bool],
) -> Downloaded:
    for _ in range(MAX_REDIRECTS + 1):
        if not allowed(url):
            raise NoPreview("Moderators have blocked this host.")
        with requested(url, deadline, headers=_headers(url)) as response:
            if response.status not in REDIRECTS:
                return _content(url, response, types, limit, whole, deadline)
            target = normalized(response.headers.get("Location", ""), base=url)
        if target is None:
            raise NoPreview("It redirects to something that is no web address.")
        url = target
    raise NoPreview("It redirects too often.")


def _content(
    url: str,
    response: BaseHTTPResponse,
    types: Sequence[str],
    limit: int,
    whole: bool,
    deadline: Deadline,
) -> Downloaded:
    if response.status != 200:
        raise NoPreview(f"The status is {response.status}.")
    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "")
    type_ = header.get_content_type()
    if not type_.startswith(tuple(types)):
        raise NoPreview(f"The type is {type_[:50]}.")
    body = response.read(limit + 1, decode_content=False)
    deadline.left()  # as for the headers
    body = _unpacked(body, response.headers.get("Content-Encoding", ""), limit)
    if whole and len(body) > limit:
        raise NoPreview("It is too large.")
    return Downloaded(url, type_, str(header.get_param("charset") or ""), body[:limit])


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Decompress no more than is needed, whatever it would become."""
    if encoding.strip().lower() in ("", "identity"):
        return body
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise NoPreview("It is compressed in a way that was not asked for.")
    try:
        return zlib.decompressobj(GZIP).decompress(body, limit + 1)
    except zlib.error:
        raise NoPreview("It is compressed, and damaged.") from None


def _headers(url: str) -> dict[str, str]:
    return {
        "Host": urlsplit(url).netloc,
        "User-Agent": f"ChirpBot/1.0 (link previews; +{settings.SITE_URL})",
        "Accept": "text/html,application/xhtml+xml,image/*;q=0.9",
        "Accept-Encoding": "gzip",
        "Accept-Language": "en,*;q=0.5",
        "Connection": "close",
    }
