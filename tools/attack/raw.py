"""Bytes on a socket, for what no library sends."""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tools.attack.target import TIMEOUT, Target

MOST = 4_000_000  # bytes of an answer


@dataclass(frozen=True)
class Answer:
    """A raw response. `status` is 0 if the server closed the connection without one."""

    status: int
    head: str
    body: str

    def header(self, name: str) -> str:
        """The value of a header; empty without it."""
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return ""


def connect(target: Target, *, buffer: int | None = None) -> socket.socket:
    """An open connection. `buffer` is how many bytes the system takes before somebody reads."""
    url = urlsplit(target.base)
    plain = socket.socket(socket.AF_INET6 if ":" in (url.hostname or "") else socket.AF_INET)
    plain.settimeout(TIMEOUT)
    if buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    is_secure = url.scheme == "https"
    plain.connect((url.hostname, url.port or (443 if is_secure else 80)))
    if not is_secure:
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=url.hostname)


def host(target: Target) -> str:
    """The Host header of the site."""
    return urlsplit(target.base).netloc


def exchange(target: Target, sent: bytes) -> Answer:
    """Send bytes, and read until the server closes the connection or has sent its answer."""
    with connect(target) as client:
        with suppress(ConnectionError):
            client.sendall(sent)
        return _parsed(_received(client))


def get(target: Target, path: str, *headers: str, method: str = "GET") -> Answer:
    """The answer to a request line with exactly this path."""
    given = {line.partition(":")[0].lower() for line in headers}
    lines = [f"{method} {path} HTTP/1.1", *headers, "Connection: close"]
    if "host" not in given:
        lines.append(f"Host: {host(target)}")
    return exchange(target, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))


def _received(client: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionError, TimeoutError):
        while len(received) < MOST and (some := client.recv(65536)):
            received += some
    return received


def _parsed(received: bytes) -> Answer:
    head, _, body = received.decode("utf-8", "replace").partition("\r\n\r\n")
    status = head.split(" ", 2)[1] if head.startswith("HTTP/") and " " in head else "0"
    return Answer(int(status) if status.isdigit() else 0, head, body)
