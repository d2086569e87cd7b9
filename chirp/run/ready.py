"""`python -m chirp.run.ready URL`: wait until the web answers, then say where to go."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from chirp import settings

PATIENCE = 60.0  # seconds


def main(arguments: Sequence[str]) -> int:
    """Wait and print. The exit status is 1 when nothing answers in time."""
    url = arguments[0]
    deadline = time.monotonic() + PATIENCE
    while not alive(url):
        if time.monotonic() > deadline:
            print(f"Nothing answers at {url}/healthz after {PATIENCE:.0f} seconds.")
            return 1
        time.sleep(0.1)
    print(banner(url, demo="--no-demo" not in arguments))
    return 0


def alive(url: str, timeout: float = 5.0) -> bool:
    """Whether the web server at `url` answers that it is alive."""
    request = urllib.request.Request(f"{url}/healthz", headers={"Host": _host()})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def banner(url: str, *, demo: bool) -> str:
    """Where to go and how to sign in."""
    return url + str(demo)


def _host() -> str:
    """A name that the site answers to."""
    name = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost"
    return "localhost" if name == "*" else name.removeprefix(".")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
