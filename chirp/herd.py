"""The herd as the site sees it: what each location server says of itself at its status port."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson

from herd import settings

PATIENCE = 0.5  # seconds for each server, all at once
LARGEST = 100_000  # bytes of an answer


@dataclass(frozen=True, slots=True)
class State:
    """One server. `said` is what docs/herd.md shows, or None when it is away."""

    server: settings.Server
    said: dict[str, Any] | None


def names() -> list[str]:
    """The servers of the settings file, in its order. Raises BadSettings."""
    return list(settings.load(settings.file()).servers)


def states() -> list[State]:
    """All servers of the settings file, in its order. Raises BadSettings."""
    servers = list(settings.load(settings.file()).servers.values())
    with ThreadPoolExecutor(len(servers)) as pool:
        return list(pool.map(_ask, servers))


def _ask(server: settings.Server) -> State:
    address = server.status
    connection = http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        said = orjson.loads(connection.getresponse().read(LARGEST))
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
        return State(server, None)
    finally:
        connection.close()
    # Whoever else listens there is not the server.
    known = isinstance(said, dict) and said.get("server") == server.name
    return State(server, said if known else None)
