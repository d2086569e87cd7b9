"""`python -m herd.alive NAME`: the health check of containers. Exit status 0 means healthy.

It sends STATUS to the port of clients, so that it sees the server as clients do.
"""

import socket
import sys
from collections.abc import Sequence

import orjson

from herd import settings
from herd.settings import Address, BadSettings

TIMEOUT = 1.0  # seconds
MAX_RESPONSE_BYTES = 100_000


def main(arguments: Sequence[str]) -> int:
    """Check once, and return the exit status."""
    try:
        server = settings.load(settings.file()).servers[arguments[0]]
    except (BadSettings, LookupError):
        return 1
    return 0 if alive(server.clients, name=server.name) else 1


def alive(address: Address, *, name: str, timeout: float = TIMEOUT) -> bool:
    """Return whether the server `name` answers at `address`.

    Connecting, sending and each read may take `timeout` seconds.
    """
    try:
        with socket.create_connection((address.host, address.port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(b"STATUS\n")
            status = orjson.loads(connection.makefile("rb").readline(MAX_RESPONSE_BYTES))
    except (OSError, orjson.JSONDecodeError):
        return False
    return isinstance(status, dict) and status.get("server") == name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
