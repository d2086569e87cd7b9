"""The web server's processes: what clients notice when one is replaced."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chirp.web_worker import HEADER_SECONDS
from runner.options import CHECKOUT
from tests.helpers.ports import free_port
from tests.helpers.valkeys import wait_until

LONG = 20_000_000  # bytes: more than a connection may hold before its next request waits
LONG_TWICE = 2 * b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW = HEADER_SECONDS + 1  # seconds


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the process that answers, with a long body, or after a while."""
    environ["wsgi.input"].read()
    body = str(os.getpid()).encode()
    if environ["PATH_INFO"] == "/long":
        body = b"x" * LONG
    if environ["PATH_INFO"] == "/slow":
        time.sleep(SLOW)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def serving(*settings: str) -> Iterator[int]:
    """One process with the application, by its port."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--workers=1", "--log-level=error", *settings),
            *(f"--bind=127.0.0.1:{port}", "--worker-class=chirp.web_worker.WebWorker"),
            f"{__name__}:application",
        ],
        cwd=CHECKOUT,
    )
    try:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        wait_until(lambda: answers(client))
        client.close()
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_no_request_is_lost_when_a_process_is_replaced() -> None:
    with serving("--max-requests=5", "--max-requests-jitter=0") as port:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        # A client opens a new connection only where the answer before said that the old one ends.
        processes = {answered(client) for _ in range(23)}
    assert len(processes) >= 4


def test_a_long_answer_that_is_not_read_holds_up_no_other_client() -> None:
    with serving() as port, socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
        slow.sendall(LONG_TWICE)  # the second request waits for the first answer to be read
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        assert answered(client)
        received = 0
        while received < 2 * LONG:
            received += len(slow.recv(1_000_000))
        assert answered(client)


@pytest.mark.slow
def test_a_client_that_sends_while_a_view_takes_long_is_not_late() -> None:
    with serving() as port, socket.create_connection(("127.0.0.1", port), timeout=40) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        time.sleep(0.5)  # until it has been read
        with socket.create_connection(("127.0.0.1", port), timeout=40) as slow:
            slow.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.5)
            client.sendall(b"Connection: close\r\n\r\n")
            assert client.recv(1_000).startswith(b"HTTP/1.1 200 ")


def answers(client: http.client.HTTPConnection) -> bool:
    """Whether the server has started."""
    try:
        return bool(answered(client))
    except ConnectionRefusedError:
        client.close()
        return False


def answered(client: http.client.HTTPConnection) -> bytes:
    """The answer to a POST."""
    client.request("POST", "/", body=b"x")
    return client.getresponse().read()
