"""The web server's processes: what clients notice when one is replaced."""

import http.client
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from runner.options import CHECKOUT
from tests.helpers.ports import free_port
from tests.helpers.valkeys import wait_until


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the process that answers."""
    environ["wsgi.input"].read()
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def test_no_request_is_lost_when_a_process_is_replaced() -> None:
    port = free_port()
    settings = ("--workers=1", "--max-requests=5", "--max-requests-jitter=0", "--log-level=error")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", *settings, f"--bind=127.0.0.1:{port}"),
            *("--worker-class=chirp.web_worker.WebWorker", f"{__name__}:application"),
        ],
        cwd=CHECKOUT,
    )
    try:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        wait_until(lambda: answers(client))
        # A client opens a new connection only where the answer before said that the old one ends.
        processes = {answered(client) for _ in range(23)}
    finally:
        server.terminate()
        server.wait(timeout=20)
    assert len(processes) >= 4


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
