"""What happens to the servers behind HAProxy."""

import contextlib
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from runner.embedded.paths import wait_until
from tools.balancer.site import Site
from tools.chaos.deployment import Deployment, answers
from tools.chaos.faults import EVERYTHING, Fault, NoEffect

RESTART_SECONDS = 60.0
SLOW_CLIENTS = 400
# HAProxy gives a request to another server after eight seconds, and a frozen one is out of service
# after two checks.
FROZEN_SECONDS = 9.0
QUEUE_SECONDS = 5.0  # that a request waits in HAProxy for a server to come back


def _site(deployment: Deployment) -> Site:
    assert isinstance(deployment, Site)
    return deployment


@contextmanager
def killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """One web server is killed with all of its processes, while it answers requests."""
    _site(deployment).webs[0].kill()
    yield


@contextmanager
def frozen(deployment: Deployment, seconds: float) -> Iterator[None]:
    """One web server hangs: it accepts connections, and answers nothing."""
    server = _site(deployment).webs[1]
    server.pause()
    try:
        yield
    finally:
        server.resume()


@contextmanager
def rolling_restart(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Each web server is stopped cleanly and started again, one after another."""
    site = _site(deployment)
    for server, address in zip(site.webs, site.web_addresses, strict=True):
        before = server.pid
        server.stop()
        health = partial(answers, f"http://{address}/healthz")
        wait_until(health, server.name, RESTART_SECONDS)
        if server.pid == before:
            raise NoEffect(f"{server.name} was not restarted.")
        time.sleep(seconds / len(site.webs))  # until HAProxy has seen it
    yield


@contextmanager
def all_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """All web servers are killed at once."""
    for server in _site(deployment).webs:
        server.kill()
    yield


@contextmanager
def stream_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """One of the processes with streams is killed, and its clients come back at once."""
    from tools.balancer.streams import Streams  # needs Django

    site = _site(deployment)
    with Streams(site.port) as streams:
        site.streams[0].kill()
        ended = streams.come_back()
        if not 0 < ended < streams.count:
            raise NoEffect(f"{ended} of {streams.count} streams went through the killed process.")
        yield


@contextmanager
def slow_clients(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Many clients send a byte of a header each second."""
    port = _site(deployment).port
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for _ in range(SLOW_CLIENTS)
        ]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for client in clients:
                with contextlib.suppress(OSError):  # HAProxy has closed it
                    client.send(b"G")
            time.sleep(1)
        yield


FAULTS = [
    Fault("web server killed", killed, 6, 3),
    Fault("web server frozen", frozen, 20, late=FROZEN_SECONDS),
    Fault("rolling restart of all", rolling_restart, 12, 3),
    Fault("all web servers killed", all_killed, 6, cuts=6, fails=EVERYTHING, late=QUEUE_SECONDS),
    Fault("process with streams killed", stream_killed, 6, 3),
    Fault("400 slow clients", slow_clients, 20),
]
