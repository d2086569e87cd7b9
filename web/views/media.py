"""The files of media: pictures, videos and recordings."""

import re
import time
from typing import IO

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from chirp.errors import NotFound
from chirp.plain_text import is_storable
from media import links, storage
from media.selectors import Stored
from tweets.read.media import access_file
from web.limits import limit_address

RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)
# A file never changes, but may have to vanish: copies in caches are good for an hour.
PUBLIC = "public, max-age=3600, immutable"
PRIVATE = "private, max-age=1800, immutable"
REDIRECT = "private, max-age=60"  # the address that it leads to works for five minutes
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    # Should a browser show a file as a page after all, nothing in it can run.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",  # pages of other clients of the API show it
}


@require_safe
def file(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """A file, or a part of it. By itself, by the proxy in front, or by the bucket."""
    limit_address(request, "file")
    if not (is_storable(key) and is_storable(name)):
        raise NotFound
    viewer_id = links.viewer_id(key, name, request.GET.dict(), now=time.time())
    found = access_file(key=key, name=name, viewer_id=viewer_id)
    try:
        response = _sent(request, found, etag=quote_etag(found.path))
    except FileNotFoundError:
        raise NotFound from None
    for header, value in HEADERS.items():
        response[header] = value
    if "Cache-Control" not in response:
        response["Cache-Control"] = PUBLIC if viewer_id is None else PRIVATE
    return response


def _sent(request: HttpRequest, found: Stored, etag: str) -> HttpResponseBase:
    if not storage.is_local():
        target = storage.link(found.path, type=found.type)
        return HttpResponse(status=302, headers={"Location": target, "Cache-Control": REDIRECT})
    if settings.MEDIA_ACCEL:
        internal = f"{settings.MEDIA_ACCEL.rstrip('/')}/{found.path}"
        response = HttpResponse(content_type=found.type, headers={"X-Accel-Redirect": internal})
        del response["Content-Length"]
        return response
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    return _streamed(request, found, etag)


def _streamed(request: HttpRequest, found: Stored, etag: str) -> HttpResponseBase:
    """The file from this process."""
    start, stop = 0, found.bytes
    headers = {"ETag": etag, "Accept-Ranges": "bytes"}
    wanted = _wanted(request, etag)
    if wanted:
        part = _part(wanted, found.bytes)
        if part is None:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{found.bytes}"})
        start, stop = part
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.bytes}"
    if request.method == "HEAD":
        headers["Content-Length"] = str(stop - start)
        return HttpResponse(content_type=found.type, headers=headers)
    return FileResponse(
        Part(storage.open_file(found.path), start, stop),
        content_type=found.type,
        status=206 if wanted else 200,
        headers=headers,
    )


def _wanted(request: HttpRequest, etag: str) -> re.Match[str] | None:
    """The one range that the request names. Others are ignored, which HTTP allows."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    found = RANGE.fullmatch(request.headers.get("Range", ""))
    return found if found and (found[1] or found[2]) else None


def _part(wanted: re.Match[str], length: int) -> tuple[int, int] | None:
    """The first byte and the one after the last, or None if there are none between them."""
    first, last = wanted.groups()
    if first:
        start, stop = int(first), min(int(last) + 1 if last else length, length)
    else:
        start, stop = max(length - int(last), 0), length
    return (start, stop) if start < stop else None


class Part:
    """Some bytes of a file, as a file.

    The web worker reads from it while the client takes it, so that no view waits for that: it needs
    positions to do so, and closes it at the end.
    """

    def __init__(self, content: IO[bytes], start: int, stop: int) -> None:
        self._content, self._start, self._length = content, start, stop - start
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the part; none at its end."""
        left = self._length - self.tell()
        return self._content.read(left if size < 0 else min(size, left))

    def seekable(self) -> bool:
        """Whether `seek` works: it does."""
        return True

    def tell(self) -> int:
        """The position within the part."""
        return self._content.tell() - self._start

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position: from the beginning, from here (1), or from the end (2)."""
        position = offset + (0, self.tell(), self._length)[whence]
        self._content.seek(self._start + position)
        return position

    def close(self) -> None:
        """Close the file."""
        self._content.close()
