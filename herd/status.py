"""How a server is, as JSON over HTTP, for those who operate it."""

from collections.abc import Callable
from dataclasses import asdict

import orjson
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from herd.messages import SECOND
from herd.node import Node

Status = dict[str, object]


def describe(node: Node, *, started: int, connected: int) -> Status:
    """What STATUS answers, and the status port. Times are POSIX seconds.

        {"server": "Hill", "uptime": 12.5, "neighbours": {"Gasol": {"up": true, ...}}, "clients": 3,
         "reports": 120, "expired": 0, "evicted": 0, "counts": {"floods_sent": 480, ...}}

    `clients` are connected, `reports` is of how many clients a location is known.
    """
    return {
        "server": node.name,
        "started": started / SECOND,
        "uptime": (node.now() - started) / SECOND,
        "neighbours": {
            link.name: {
                "up": link.connection is not None,
                "times_up": link.opened,
                "owed": link.owed,
            }
            for link in node.links.values()
        },
        "clients": connected,
        "reports": len(node.locations),
        "expired": node.locations.expired,
        "evicted": node.locations.evicted,
        "counts": asdict(node.counts),
    }


def site(status: Callable[[], Status]) -> Site:
    """An HTTP server that answers every GET with the status."""
    return _Site(_Page(status))


class _Site(Site):
    noisy = False

    def log(self, request: object) -> None:
        """Nothing: it is asked every few seconds."""


class _Page(Resource):
    isLeaf = True

    def __init__(self, status: Callable[[], Status]) -> None:
        super().__init__()
        self._status = status

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"application/json")
        return orjson.dumps(self._status())
