"""The web server's processes: what clients notice when one is replaced, or has too much to do."""

import http.client
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from chirp.web_channel import HEADER_SECONDS
from runner.options import CHECKOUT
from tests.helpers.ports import free_port
from tests.helpers.valkeys import wait_until

LONG = 20_000_000  # bytes: more than a connection may hold before its next request waits
LONG_TWICE = 2 * b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW = HEADER_SECONDS + 1  # seconds


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the process that answers, with a long body, or when something has happened."""
    sent = environ["wsgi.input"].read()
    body = str(os.getpid()).encode()
    folder = Path(environ["QUERY_STRING"])
    match environ["PATH_INFO"]:
        case "/long":
            body = b"x" * LONG
        case "/large":
            body = b"x" * 300_000
        case "/slow":
            time.sleep(SLOW)
        case "/echo":
            body = environ["QUERY_STRING"].encode() + sent
        case "/hold":  # until there is a file with the name "go"
            (folder / "held").touch()
            wait_until((folder / "go").exists)
        case "/meet":  # until two processes have this request at once
            (folder / f"met-{os.getpid()}").touch()
            wait_until(lambda: len([*folder.glob("met-*")]) == 2)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def serving(*settings: str, processes: int = 1) -> Iterator[int]:
    """Processes with the application, by their port. If none is to be replaced, none may end."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", f"--workers={processes}", "--log-level=error"),
            *settings,
            *(f"--bind=127.0.0.1:{port}", "--worker-class=chirp.web_worker.WebWorker"),
            f"{__name__}:application",
        ],
        cwd=CHECKOUT,
    )
    try:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        wait_until(lambda: answers(client))
        client.close()
        wait_until(lambda: len(children(server)) == processes)
        started = children(server)
        yield port
        assert settings or children(server) == started
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


def test_a_request_that_waits_is_answered_by_a_process_that_has_none(tmp_path: Path) -> None:
    with serving(processes=2) as port, held(port, tmp_path) as (_, _, first, second):
        first.request("GET", f"/meet?{tmp_path}")
        second.request("GET", f"/meet?{tmp_path}")
        (tmp_path / "go").touch()
        assert first.getresponse().read() != second.getresponse().read()


def test_a_request_that_no_other_process_takes_is_answered_all_the_same(tmp_path: Path) -> None:
    with serving(processes=2) as port, held(port, tmp_path) as (busy, idle, first, second):
        os.kill(idle, signal.SIGSTOP)  # it counts as idle, and never takes anything
        try:
            first.request("GET", "/")
            second.request("GET", "/")
            (tmp_path / "go").touch()
            assert [int(client.getresponse().read()) for client in (first, second)] == [busy, busy]
        finally:
            os.kill(idle, signal.SIGCONT)


def test_clients_that_leave_while_their_requests_wait_do_no_harm(tmp_path: Path) -> None:
    with serving(processes=2) as port, held(port, tmp_path) as (_, _, first, second):
        for client in (first, second):
            client.request("GET", "/")
            reset(client)
        (tmp_path / "go").touch()


def test_each_client_gets_its_own_answers_while_processes_share_and_are_replaced() -> None:
    with serving("--max-requests=100", "--max-requests-jitter=50", processes=3) as port:

        def ask(number: int) -> None:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            for n in range(60):
                words, sent = f"client-{number}-{n}", b"body" if n % 3 == 0 else None
                client.request("POST" if sent else "GET", f"/echo?{words}", body=sent)
                assert client.getresponse().read() == words.encode() + (sent or b"")
            client.close()

        with ThreadPoolExecutor(12) as clients:
            list(clients.map(ask, range(12)))


def test_garbage_and_clients_that_leave_disturb_no_other_client() -> None:
    over = threading.Event()
    with serving(processes=3) as port, ThreadPoolExecutor(16) as clients:
        bad = [clients.submit(disturb, port, seed, over) for seed in range(8)]
        try:
            for right in [clients.submit(echoed, port, seed) for seed in range(8)]:
                right.result()
        finally:
            over.set()
        for disturbing in bad:
            disturbing.result()


def echoed(port: int, seed: int) -> None:
    """Make a hundred requests of all kinds, and compare each answer."""
    chance = random.Random(seed)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for n in range(100):
        words = f"client-{seed}-{n}"
        sent = chance.choice((b"", b"body" * chance.randint(1, 4_000)))
        method = "POST" if sent else chance.choice(("GET", "HEAD"))
        client.request(method, f"/echo?{words}", body=sent or None)
        body = client.getresponse().read()
        assert body == (b"" if method == "HEAD" else words.encode() + sent)
        if chance.random() < 0.1:
            client.close()
    client.close()


def disturb(port: int, seed: int, over: threading.Event) -> None:
    """Send what no well-behaved client sends until it is over."""
    chance = random.Random(seed)
    get = b"GET /echo?x HTTP/1.1\r\nHost: localhost\r\n\r\n"
    post = b"POST /echo HTTP/1.1\r\nHost: localhost\r\n"
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"
    while not over.is_set():
        sent = chance.choice(
            (
                get * chance.randint(1, 30),
                get[: chance.randint(1, len(get))],
                get + get[:20],
                get.replace(b"/echo", b"/large"),
                post + b"Content-Length: 50\r\n\r\nabc",
                chunked + chance.choice((b"0\r\n\r\n", b"zz\r\n")),
                chance.randbytes(200) + b"\r\n\r\n",
            )
        )
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        client.connect()
        with suppress(OSError):  # it may close the connection
            client.sock.sendall(sent)
            if chance.random() < 0.3:
                client.sock.shutdown(socket.SHUT_WR)
            if chance.random() < 0.5:
                client.sock.settimeout(0.01)
                client.sock.recv(1_000)
        chance.choice((reset, http.client.HTTPConnection.close))(client)


@contextmanager
def held(
    port: int, folder: Path
) -> Iterator[tuple[int, int, http.client.HTTPConnection, http.client.HTTPConnection]]:
    """One of two processes that runs a view until there is a file "go" in this folder.

    Gives that process, the other one, and two connections that belong to the first one.
    """
    clients: dict[int, list[http.client.HTTPConnection]] = {}
    while len(clients) < 2 or max(map(len, clients.values())) < 3:
        time.sleep(0.01)
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        clients.setdefault(int(answered(client)), []).append(client)  # until both have started
    busy, idle = sorted(clients, key=lambda process: -len(clients[process]))
    holding, first, second = clients[busy][:3]
    holding.request("GET", f"/hold?{folder}")
    wait_until((folder / "held").exists)
    yield busy, idle, first, second
    assert int(holding.getresponse().read()) == busy
    assert int(answered(holding)) == busy  # it is still there
    for connections in clients.values():
        for client in connections:
            client.close()


def children(server: subprocess.Popen[bytes]) -> set[str]:
    """The ids of its processes."""
    return set(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split())


def reset(client: http.client.HTTPConnection) -> None:
    """Reset the connection."""
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


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
