"""`python -m runner.ready URL`: wait until the web answers, then say where to go."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from runner.alive import alive

PATIENCE = 60.0  # seconds
# Where the demo notes down how to sign in, within var/.
DEMO_NOTE = Path("secrets") / "demo.txt"


def main(arguments: Sequence[str]) -> int:
    """Wait and print. The exit status is 1 when nothing answers in time."""
    url = arguments[0]
    deadline = time.monotonic() + PATIENCE
    while not alive(url):
        if time.monotonic() > deadline:
            print(f"Nothing answers at {url}/healthz after {PATIENCE:.0f} seconds.")
            return 1
        time.sleep(0.1)
    print(banner(reachable(url), Path(os.environ["VAR_DIR"])))
    return 0


def banner(url: str, var: Path) -> str:
    """Where to go and how to sign in."""
    rows = [
        ("Chirp is ready:", f"{url}/"),
        *zip(("Sign in:", "", ""), _ways_in(url, var), strict=False),
        ("API:", f"{url}/api/docs"),
        ("Admin:", f"{url}/admin/ (.venv/bin/python manage.py createsuperuser makes an account)"),
        ("Stop:", "Ctrl-C"),
    ]
    return "\n".join(["", *(f"  {name:<16} {text}" for name, text in rows), ""])


def _ways_in(url: str, var: Path) -> list[str]:
    """What the demo noted down, a handle and a password in each line."""
    note = var / DEMO_NOTE
    lines = note.read_text().splitlines() if note.exists() else []
    known = [" with the password ".join(line.split(maxsplit=1)) for line in lines]
    return [*known, f"or register at {url}/register"]


def reachable(url: str) -> str:
    """The address to type into a browser, where `url` means every address of this machine."""
    return url.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
