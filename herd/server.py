"""One server, put together: it listens, dials, forgets, and stops."""

import resource
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from herd import status
from herd.links import Links
from herd.locations import Locations
from herd.messages import SECOND
from herd.node import Node
from herd.protocol import Clients
from herd.settings import Address, Limits, Settings
from herd.tweets import Nearby

_BACKLOG = 1024  # connections that wait to be accepted
_SPARE_FILES = 200  # what is open besides connections of clients
_log = Logger(namespace="herd.server")


class Server:
    """The server `name` of a herd. `host` is the name by which to call Chirp, if any."""

    def __init__(
        self,
        reactor: Any,
        name: str,
        *,
        settings: Settings,
        key: bytes,
        now: Callable[[], int],
        host: str = "",
    ) -> None:
        limits = settings.limits
        self._reactor = reactor
        self._server = settings.servers[name]
        self._started = now()
        locations = Locations(most=limits.reports, lifetime=int(limits.report_lifetime * SECOND))
        self.node = Node(name, locations=locations, now=now)
        self._links = Links(
            self.node, settings=settings, key=key, clock=reactor, dial=self._endpoint
        )
        nearby = Nearby(reactor, url=settings.chirp, host=host, limits=limits)
        self._clients = Clients(
            self.node, nearby=nearby, limits=limits, clock=reactor, status=self.status
        )

    def start(self) -> None:
        """Listen and dial. Raises CannotListenError or OSError where it cannot listen."""
        self._listen(self._server.peers, self._links.accepting)
        self._listen(self._server.status, status.site(self.status))
        self._listen(self._server.clients, self._clients)
        self._links.start()
        forgetting = LoopingCall(lambda: self.node.locations.expire(now=self.node.now()))
        forgetting.clock = self._reactor
        forgetting.start(1.0, now=False)
        self._reactor.addSystemEventTrigger("before", "shutdown", self._links.stop)
        _log.info("{name} listens on {address}", name=self.node.name, address=self._server.clients)

    def status(self) -> status.Status:
        """How it is."""
        connected = self._clients.connected
        return status.describe(self.node, started=self._started, connected=connected)

    def _endpoint(self, address: Address) -> HostnameEndpoint:
        return HostnameEndpoint(self._reactor, address.host, address.port, timeout=5)

    def _listen(self, address: Address, factory: IProtocolFactory) -> None:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        interface = found[0][4][0]
        self._reactor.listenTCP(address.port, factory, backlog=_BACKLOG, interface=interface)


def make_room(limits: Limits) -> Limits:
    """Let this process open as many files as the limits want connections, or want fewer."""
    wanted = limits.connections + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limits
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        _log.error("only {most} files may be open: less room for clients", most=most)
    return replace(limits, connections=max(1, most - _SPARE_FILES))
