"""`python -m chirp.run.ready URL`: wait until the web answers, then say where to go."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from chirp.run.alive import alive

PATIENCE = 60.0  # seconds
# What the demo says about signing in; it writes that when it is made.
DEMO_NOTE = "demo.txt"


def main(arguments: Sequence[str]) -> int:
    """Wait and print. The exit status is 1 when nothing answers in time."""
    url = arguments[0]
    deadline = time.monotonic() + PATIENCE
    while not alive(url):
        if time.monotonic() > deadline:
            print(f"Nothing answers at {url}/healthz after {PATIENCE:.0f} seconds.")
            return 1
        time.sleep(0.1)
    print(banner(_reachable(url), Path(os.environ["VAR_DIR"])))
    return 0


def banner(url: str, var: Path) -> str:
    """Where to go and how to sign in."""
    note = var / DEMO_NOTE
    sign_in = note.read_text().strip() if note.exists() else f"register at {url}/register"
    lines = [
        ("Chirp is ready:", f"{url}/"),
        ("Sign in:", sign_in),
        ("API:", f"{url}/api/docs"),
        ("Admin:", f"{url}/admin/ (python manage.py createsuperuser makes an administrator)"),
        ("Stop:", "Ctrl-C"),
    ]
    rows = [f"  {name:<16} {text}" for name, text in lines]
    return "\n".join(["", *rows, ""])


def _reachable(url: str) -> str:
    """The address to type into a browser, where `url` means every address of this machine."""
    return url.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
