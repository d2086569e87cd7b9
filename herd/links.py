"""The links of one server. The first server of a pair dials the second, and redials on failure."""

import random
from collections.abc import Callable

from twisted.application.internet import ClientService, backoffPolicy
from twisted.internet.interfaces import IAddress, IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory

from herd.node import Node
from herd.peers import PeerContext, PeerProtocol
from herd.settings import Address, Settings

MAX_STRANGERS = 100  # concurrent connections that have not authenticated yet


class Links:
    """All links of one server. `dial` returns the endpoint to connect to an address."""

    def __init__(
        self,
        node: Node,
        *,
        settings: Settings,
        key: bytes,
        clock: IReactorTime,
        dial: Callable[[Address], IStreamClientEndpoint],
    ) -> None:
        self.context = PeerContext(node, key, clock, settings.limits)
        self.accepting = AcceptingFactory(self.context, set(settings.dialling(node.name)))
        self._dials = [
            DiallingFactory(self.context, name, dial(settings.servers[name].peers))
            for name in settings.dialled_by(node.name)
        ]
        for name in self.accepting.expected:
            node.link(name)

    def start(self) -> None:
        """Dial the neighbours that this server has to dial."""
        for dialling in self._dials:
            dialling.service.startService()

    def stop(self) -> None:
        """Drop all links and stop dialling."""
        for dialling in self._dials:
            dialling.service.stopService()
        for link in self.context.node.links.values():
            if link.connection is not None:
                link.connection.drop("this server is stopping")


class AcceptingFactory(Factory):
    """Accepts connections on the port for neighbours, which anyone may reach."""

    noisy = False

    def __init__(self, context: PeerContext, expected: set[str]) -> None:
        self.expected = expected
        self._context = context

    def buildProtocol(self, addr: IAddress | None) -> PeerProtocol | None:
        """Return a protocol that waits for a greeting, or None if there are too many strangers."""
        if len(self._context.strangers) >= MAX_STRANGERS:
            return None
        return PeerProtocol(self._context, expected=self.expected)


class DiallingFactory(Factory):
    """Dials one neighbour whenever the link is down."""

    noisy = False

    def __init__(self, context: PeerContext, name: str, endpoint: IStreamClientEndpoint) -> None:
        self.name = name
        self._context = context
        self._failures = 0
        limits = context.limits
        self._backoff = backoffPolicy(
            limits.first_wait, limits.longest_wait, 2.0, jitter=lambda: 0.0
        )
        self.service = ClientService(endpoint, self, self.wait, clock=context.clock)
        context.node.link(name)

    def buildProtocol(self, addr: IAddress | None) -> PeerProtocol:
        """Return a protocol that sends the greeting."""
        return PeerProtocol(self._context, dials=self.name, on_authenticated=self._reset_failures)

    def wait(self, _: int) -> float:
        """Return the seconds until the next attempt.

        ClientService resets its own count on every connection. This one is reset only after
        authentication, so that a server that accepts and then hangs up is not dialled in a loop.
        """
        seconds = self._backoff(self._failures) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
        self._failures += 1
        return seconds

    def _reset_failures(self) -> None:
        self._failures = 0
