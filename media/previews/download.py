"""Download a page or a picture from a host that nobody trusts, within limits.

A name is resolved once. All of its addresses must be public, and the connection goes to one of
these addresses, so that the name cannot lead elsewhere a moment later (DNS rebinding). This holds
for each redirect too.
"""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

import certifi
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from chirp.plain_text import is_storable
from media.previews.addresses import PORTS, is_public, normalized

REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 4
ADDRESSES = 3  # of one name that are tried
CONNECT_SECONDS = 3.0
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


class Deadline:
    """A moment at which everything must have ended."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises NoPreview if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise NoPreview("It took too long.")
        return left


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
    deadline = Deadline(seconds)
    for _ in range(MAX_REDIRECTS + 1):
        if not allowed(url):
            raise NoPreview("Moderators have blocked this host.")
        with _response(url, deadline) as response:
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


@contextmanager
def _response(url: str, deadline: Deadline) -> Iterator[BaseHTTPResponse]:
    """Request a URL. Raises NoPreview, also for what goes wrong while it is read."""
    connection = _connected(url, deadline)
    parts = urlsplit(url)
    try:
        with _cut_off(connection.sock, deadline.left()):
            connection.request(
                "GET",
                f"{parts.path}?{parts.query}" if parts.query else parts.path,
                headers=_headers(parts.netloc),
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            deadline.left()  # a connection that was cut off looks like the end of the headers
            yield response
    except (HTTPError, OSError, ValueError) as error:
        deadline.left()
        raise NoPreview(_reason(error)) from None
    finally:
        connection.close()


def _headers(host: str) -> dict[str, str]:
    return {
        "Host": host,
        "User-Agent": f"ChirpBot/1.0 (link previews; +{settings.SITE_URL})",
        "Accept": "text/html,application/xhtml+xml,image/*;q=0.9",
        "Accept-Encoding": "gzip",
        "Accept-Language": "en,*;q=0.5",
        "Connection": "close",
    }


def _connected(url: str, deadline: Deadline) -> HTTPConnection:
    """Connect to the first of the addresses that answers. Raises NoPreview."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    failure = "The name has no address."
    for address in _addresses(host, port, deadline)[:ADDRESSES]:
        timeout = min(CONNECT_SECONDS, deadline.left())
        connection = _connection(parts.scheme, address, port, host, timeout)
        try:
            connection.connect()
        except (HTTPError, OSError, ValueError) as error:
            connection.close()
            failure = _reason(error)
        else:
            return connection
    raise NoPreview(failure)


def _connection(scheme: str, address: str, port: int, host: str, timeout: float) -> HTTPConnection:
    """A connection to the address, which has to prove that it is the host."""
    if scheme == "http":
        return HTTPConnection(address, port, timeout=timeout)
    return HTTPSConnection(
        address,
        port,
        timeout=timeout,
        server_hostname=host,
        assert_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
    )


def _addresses(host: str, port: int, deadline: Deadline) -> list[str]:
    """Resolve the name, once. Raises NoPreview unless all of its addresses may be requested."""
    found: SimpleQueue[list[str]] = SimpleQueue()
    # The resolver has timeouts of its own, which are longer.
    threading.Thread(target=lambda: found.put(resolve(host, port)), daemon=True).start()
    try:
        addresses = found.get(timeout=deadline.left())
    except Empty:
        raise NoPreview("Its name could not be resolved in time.") from None
    for address in addresses:
        if f"{address}:{port}" in settings.LINK_PREVIEW_TEST_SERVERS:
            continue
        if port not in PORTS.values():
            raise NoPreview("Only the ports 80 and 443 are requested.")
        if not is_public(address):
            raise NoPreview("It is no address of the public internet.")
    return addresses


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a name, the preferred one first; none if there is no such name."""
    with suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(each[4][0]) for each in found))
    return []


@contextmanager
def _cut_off(sock: socket.socket | None, seconds: float) -> Iterator[None]:
    """End the connection after some seconds: a timeout holds for each read, not for all of them."""
    assert sock is not None

    def cut() -> None:
        with suppress(OSError):
            # Of the socket below TLS, whose own state belongs to the thread that reads.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text if is_storable(text) else ''}"[:200]
