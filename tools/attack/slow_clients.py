"""Clients that are slow or silent: requests of others are answered as if they were not there."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

from tools.attack import raw
from tools.attack.target import Target

BODY = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin=al"


def idle(target: Target) -> Iterator[str]:
    """Connections that send nothing."""
    yield from _beside(target, "")


def half_header(target: Target) -> Iterator[str]:
    """Connections that send half a header."""
    yield from _beside(target, f"GET / HTTP/1.1\r\nHost: {raw.host(target)}\r\nX-Half: ")


def half_body(target: Target) -> Iterator[str]:
    """Connections that send half a body."""
    yield from _beside(target, f"POST /login HTTP/1.1\r\nHost: {raw.host(target)}\r\n{BODY}")


def unread(target: Target) -> Iterator[str]:
    """Connections that send requests and never read the answers."""
    request = f"GET /explore HTTP/1.1\r\nHost: {raw.host(target)}\r\n\r\n"
    yield from _beside(target, request * 20)


def cut_off(target: Target) -> Iterator[str]:
    """Requests that are cut off in their body."""
    with ExitStack() as stack:
        for client in _clients(target, stack, f"POST /login HTTP/1.1\r\nHost: x\r\n{BODY}"):
            client.close()
    yield from _unanswered(target)


def _beside(target: Target, sent: str) -> Iterator[str]:
    with ExitStack() as stack:
        _clients(target, stack, sent)
        yield from _unanswered(target)


def _clients(target: Target, stack: ExitStack, sent: str) -> list[socket.socket]:
    clients = []
    for _ in range(50 if target.short else 500):
        client = stack.enter_context(raw.connect(target, buffer=1024))
        client.sendall(sent.encode())
        clients.append(client)
    return clients


def _unanswered(target: Target) -> Iterator[str]:
    """What was wrong with ten requests, each of which would wait for the slow clients' timeout."""
    for _ in range(10):
        answer = raw.get(target, "/healthz")
        if answer.status != 200:
            yield f"GET /healthz beside them answered {answer.status or 'nothing'}"
