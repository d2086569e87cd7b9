"""Connections to untrusted hosts.

A name is resolved once. All of its addresses must be public, and the connection goes to one of
these addresses, so that the name cannot lead elsewhere a moment later (DNS rebinding).
"""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

import certifi
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from chirp.outbound.addresses import PORTS, is_public
from chirp.plain_text import is_storable

ADDRESSES = 3  # of one name that are tried
CONNECT_SECONDS = 3.0


class NotReached(Exception):
    """The host cannot or may not be requested. The text says why, to operators."""


class Deadline:
    """A moment at which everything must have ended."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises NotReached if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise NotReached("It took too long.")
        return left


@contextmanager
def requested(
    url: str,
    deadline: Deadline,
    *,
    headers: Mapping[str, str],
    method: str = "GET",
    body: bytes | None = None,
) -> Iterator[BaseHTTPResponse]:
    """Request a normalized URL, without following redirects.

    Raises NotReached, also for what goes wrong while the response is read.
    """
    connection = _connected(url, deadline)
    parts = urlsplit(url)
    try:
        with _cut_off(connection.sock, deadline.left()):
            connection.request(
                method,
                f"{parts.path}?{parts.query}" if parts.query else parts.path,
                body=body,
                headers=headers,
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            deadline.left()  # a connection that was cut off looks like the end of the headers
            yield response
    except (HTTPError, OSError, ValueError) as error:
        deadline.left()
        raise NotReached(_reason(error)) from None
    finally:
        connection.close()


def _connected(url: str, deadline: Deadline) -> HTTPConnection:
    """Connect to the first of the addresses that answers. Raises NotReached."""
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
    raise NotReached(failure)


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
    """Resolve the name, once. Raises NotReached unless all of its addresses may be requested."""
    found: SimpleQueue[list[str]] = SimpleQueue()
    # The resolver has timeouts of its own, which are longer.
    threading.Thread(target=lambda: found.put(resolve(host, port)), daemon=True).start()
    try:
        addresses = found.get(timeout=deadline.left())
    except Empty:
        raise NotReached("Its name could not be resolved in time.") from None
    for address in addresses:
        if f"{address}:{port}" in settings.OUTBOUND_TEST_SERVERS:
            continue
        if port not in PORTS.values():
            raise NotReached("Only the ports 80 and 443 are requested.")
        if not is_public(address):
            raise NotReached("It is no address of the public internet.")
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
