"""One server of the herd, with its ports, its links and its periodic work."""

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

_BACKLOG = 1024  # connections that may wait to be accepted
_SPARE_FILES = 200  # open files besides the connections of clients
_log = Logger(namespace="herd.server")


class Server:
    """The server `name` of a herd. `host` is the Host header for requests to Chirp, if any."""

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
        locations = Locations(
            max_reports=limits.reports, lifetime=int(limits.report_lifetime * SECOND)
        )
        self.node = Node(name, locations=locations, now=now)
        self._links = Links(
            self.node, settings=settings, key=key, clock=reactor, dial=self._endpoint
        )
        nearby = Nearby(reactor, url=settings.chirp, host=host, limits=limits)
        self._clients = Clients(
            self.node, nearby=nearby, limits=limits, clock=reactor, status=self.status
        )

    def start(self) -> None:
        """Listen on all ports, and dial neighbours. Raises CannotListenError or OSError."""
        self._listen(self._server.peers, self._links.accepting)
        self._listen(self._server.status, status.site(self.status))
        self._listen(self._server.clients, self._clients)
        self._links.start()
        expiring = LoopingCall(lambda: self.node.locations.expire(now=self.node.now()))
        expiring.clock = self._reactor
        expiring.start(1.0, now=False)
        self._reactor.addSystemEventTrigger("before", "shutdown", self._links.stop)
        _log.info("{name} listens on {address}", name=self.node.name, address=self._server.clients)

    def status(self) -> status.Status:
        """Return the status of this server."""
        connected = self._clients.connected
        return status.describe(self.node, started=self._started, connected=connected)

    def _endpoint(self, address: Address) -> HostnameEndpoint:
        return HostnameEndpoint(self._reactor, address.host, address.port, timeout=5)

    def _listen(self, address: Address, factory: IProtocolFactory) -> None:
        resolved = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        interface = resolved[0][4][0]
        self._reactor.listenTCP(address.port, factory, backlog=_BACKLOG, interface=interface)


def fit_open_file_limit(limits: Limits) -> Limits:
    """Raise the limit of open files of this process to what the connections need.

    If that is not possible, return limits with fewer connections.
    """
    wanted = limits.connections + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limits
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        _log.error("only {allowed} files may be open: fewer clients can connect", allowed=allowed)
    return replace(limits, connections=max(1, allowed - _SPARE_FILES))
