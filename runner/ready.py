"""`python -m runner.ready URL`: wait until the web answers, then print the URLs of the site."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from runner.alive import alive

PATIENCE = 60.0  # seconds
# The file within var/ where the demo writes handles and passwords.
DEMO_PASSWORDS = Path("secrets") / "demo.txt"


def main(arguments: Sequence[str]) -> int:
    """Wait and print. Returns the exit status: 1 if the web does not answer in time."""
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
    """The URLs of the site, and how to sign in."""
    rows = [
        ("Chirp is ready:", f"{url}/"),
        *zip(("Sign in:", "", ""), _ways_in(url, var), strict=False),
        ("API:", f"{url}/api/docs"),
        ("Admin:", f"{url}/admin/ (.venv/bin/python manage.py createsuperuser makes an account)"),
        ("Stop:", "Ctrl-C"),
    ]
    return "\n".join(["", *(f"  {name:<16} {text}" for name, text in rows), ""])


def _ways_in(url: str, var: Path) -> list[str]:
    """The handles and passwords that the demo wrote, one account per line, and the registration."""
    file = var / DEMO_PASSWORDS
    lines = file.read_text().splitlines() if file.exists() else []
    accounts = [" with the password ".join(line.split(maxsplit=1)) for line in lines]
    return [*accounts, f"or register at {url}/register"]


def reachable(url: str) -> str:
    """The URL for a browser: with localhost if `url` means every address of this machine."""
    return url.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
