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


def servers() -> list[settings.Server]:
    """All servers of the settings file, in its order. Raises BadSettings."""
    return list(settings.load(settings.file()).servers.values())


def states() -> list[State]:
    """How all of them are. Raises BadSettings."""
    asked = servers()
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(ask, asked))


def ask(server: settings.Server) -> State:
    """How one of them is."""
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
