"""The status of a server, as JSON over HTTP, for operators."""

from collections.abc import Callable
from dataclasses import asdict

import orjson
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from herd.messages import SECOND
from herd.node import Node

Status = dict[str, object]


def describe(node: Node, *, started: int, connected: int) -> Status:
    """Return the response to STATUS and of the status port.

    `started` is in nanoseconds. Times in the response are in seconds (POSIX time).

        {"server": "Hill", "uptime": 12.5, "neighbours": {"Gasol": {"up": true, ...}}, "clients": 3,
         "reports": 120, "expired": 0, "evicted": 0, "counts": {"floods_sent": 480, ...}}

    `clients` is the number of connected clients; `reports` is the number of clients with a known
    location.
    """
    return {
        "server": node.name,
        "started": started / SECOND,
        "uptime": (node.now() - started) / SECOND,
        "neighbours": {
            link.name: {
                "up": link.connection is not None,
                "times_up": link.opened,
                "owed": link.pending,
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
    """Return an HTTP server that answers every GET with the status."""
    return _Site(_Page(status))


class _Site(Site):
    noisy = False

    def log(self, request: object) -> None:
        """Log nothing: there is a request every few seconds."""


class _Page(Resource):
    isLeaf = True

    def __init__(self, status: Callable[[], Status]) -> None:
        super().__init__()
        self._status = status

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"application/json")
        return orjson.dumps(self._status())
