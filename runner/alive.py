"""`python -m runner.alive [URL]`: check whether the web server answers. Exit status 0 if so.

It is also the health check of the container.
"""

import http.client
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit


def main(arguments: Sequence[str]) -> int:
    """Send one request, and return the exit status."""
    return 0 if alive(arguments[0] if arguments else "http://127.0.0.1:8000") else 1


def alive(url: str, timeout: float = 5.0) -> bool:
    """Whether the web server at `url` reports that it is alive, within `timeout` seconds."""
    address = urlsplit(url).netloc
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
