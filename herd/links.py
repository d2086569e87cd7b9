"""The links of one server: the first of a pair dials the second, again and again if need be."""

import random
from collections.abc import Callable

from twisted.application.internet import ClientService, backoffPolicy
from twisted.internet.interfaces import IAddress, IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory

from herd.node import Node
from herd.peers import Here, PeerProtocol
from herd.settings import Address, Settings

MOST_STRANGERS = 100  # connections at once that have not proven themselves yet


class Links:
    """All links of one server. `dial` makes the endpoint that leads to an address."""

    def __init__(
        self,
        node: Node,
        *,
        settings: Settings,
        key: bytes,
        clock: IReactorTime,
        dial: Callable[[Address], IStreamClientEndpoint],
    ) -> None:
        self.here = Here(node, key, clock, settings.limits)
        self.accepting = Accepting(self.here, set(settings.dialling(node.name)))
        self._dials = [
            Dialling(self.here, name, dial(settings.servers[name].peers))
            for name in settings.dialled_by(node.name)
        ]
        for name in self.accepting.expected:
            node.link(name)

    def start(self) -> None:
        """Dial those who are ours to dial."""
        for dialling in self._dials:
            dialling.service.startService()

    def stop(self) -> None:
        """Break all links off, and dial nobody any more."""
        for dialling in self._dials:
            dialling.service.stopService()
        for link in self.here.node.links.values():
            if link.connection is not None:
                link.connection.drop("this server stops")


class Accepting(Factory):
    """Takes connections of neighbours, and of anybody else who finds the port."""

    noisy = False

    def __init__(self, here: Here, expected: set[str]) -> None:
        self.expected = expected
        self._here = here

    def buildProtocol(self, addr: IAddress | None) -> PeerProtocol | None:
        """A protocol that waits for a greeting; None when too many strangers wait already."""
        if len(self._here.strangers) >= MOST_STRANGERS:
            return None
        return PeerProtocol(self._here, expected=self.expected)


class Dialling(Factory):
    """Dials one neighbour whenever the link to it is down."""

    noisy = False

    def __init__(self, here: Here, name: str, endpoint: IStreamClientEndpoint) -> None:
        self.name = name
        self._here = here
        self._failed = 0
        limits = here.limits
        self._wait = backoffPolicy(limits.first_wait, limits.longest_wait, 2.0, jitter=lambda: 0.0)
        self.service = ClientService(endpoint, self, self.wait, clock=here.clock)
        here.node.link(name)

    def buildProtocol(self, addr: IAddress | None) -> PeerProtocol:
        """A protocol that greets."""
        return PeerProtocol(self._here, dials=self.name, proven=self._proven)

    def wait(self, _: int) -> float:
        """Seconds until the next attempt.

        The service counts connections that were made; we count those who proved themselves, so that
        somebody who accepts and then hangs up is not dialled without pause.
        """
        seconds = self._wait(self._failed) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
        self._failed += 1
        return seconds

    def _proven(self) -> None:
        self._failed = 0
