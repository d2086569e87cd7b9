"""The status of the location servers (the herd), read from their status ports."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson

from herd import settings

TIMEOUT = 0.5  # seconds for each server; all are queried at once
MAX_BYTES = 100_000  # of a response


@dataclass(frozen=True, slots=True)
class State:
    """A server. `report` is the JSON object that docs/herd.md describes; None if it is down."""

    server: settings.Server
    report: dict[str, Any] | None


def servers() -> list[settings.Server]:
    """All servers, in the order of the settings file. Raises BadSettings."""
    return list(settings.load(settings.file()).servers.values())


def states() -> list[State]:
    """The states of all servers. Raises BadSettings."""
    found = servers()
    with ThreadPoolExecutor(len(found)) as pool:
        return list(pool.map(state, found))


def state(server: settings.Server) -> State:
    """The state of a server. Takes TIMEOUT seconds at most for each read."""
    address = server.status
    connection = http.client.HTTPConnection(address.host, address.port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/")
        report = orjson.loads(connection.getresponse().read(MAX_BYTES))
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
        return State(server, None)
    finally:
        connection.close()
    # Another program may listen on this port.
    is_the_server = isinstance(report, dict) and report.get("server") == server.name
    return State(server, report if is_the_server else None)
