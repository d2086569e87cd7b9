"""`python -m herd.alive NAME`: does this server answer STATUS? Exit status 0 says yes.

It asks where clients do, so that it finds out what they would. For the containers' health checks.
"""

import socket
import sys
from collections.abc import Sequence

import orjson

from herd import settings
from herd.settings import Address, BadSettings

PATIENCE = 1.0  # seconds
LARGEST = 100_000  # bytes of an answer


def main(arguments: Sequence[str]) -> int:
    """Ask once."""
    try:
        server = settings.load(settings.file()).servers[arguments[0]]
    except (BadSettings, LookupError):
        return 1
    return 0 if alive(server.clients, name=server.name) else 1


def alive(address: Address, *, name: str, timeout: float = PATIENCE) -> bool:
    """Whether the server `name` answers there, each step within `timeout` seconds."""
    try:
        with socket.create_connection((address.host, address.port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(b"STATUS\n")
            said = orjson.loads(connection.makefile("rb").readline(LARGEST))
    except (OSError, orjson.JSONDecodeError):
        return False
    return isinstance(said, dict) and said.get("server") == name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
