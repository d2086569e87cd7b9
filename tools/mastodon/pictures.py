"""`python -m tools.mastodon.pictures`: pictures of a client of Mastodon that shows Chirp.

The client is tooi (PyPI: toot-tooi), which fills a terminal. There is no finished client for the
web among the packages of npm. It registers itself, its owner allows it on the page of consent, and
it shows home, a thread and notifications.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.browser.chromium import start
from tools.mastodon.people import consent

PROGRAM = Path(__file__).parent / "programs" / "tooi_pictures.py"


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tools.mastodon.pictures", description=__doc__)
    parser.add_argument("site", help="its URL, such as http://127.0.0.1:8000")
    parser.add_argument("login", help="handle of an account with a busy home timeline")
    parser.add_argument("password")
    parser.add_argument("--python", required=True, help="a Python that has toot-tooi")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _use(asked.python, asked.site, asked.login, asked.password, Path(folder))
        _as_png(Path(folder), asked.out)


def _use(python: str, site: str, login: str, password: str, folder: Path) -> None:
    """Run the client, and allow it."""
    with subprocess.Popen(
        [python, "-I", str(PROGRAM), site, str(folder)],
        env={**os.environ, **dict.fromkeys(("XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        address = client.stdout.readline().strip()
        client.stdin.write(consent(site, login, password, address) + "\n")
        client.stdin.close()
    if client.returncode:
        raise SystemExit(f"The client ended with {client.returncode}.")


def _as_png(folder: Path, out: Path) -> None:
    """Draw the pictures, which are SVG, in a browser."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        raise SystemExit("It needs Chromium and its driver (apt-get install chromium-driver).")
    browser = start(chromium, driver, folder / "profile", scripts=True)
    try:
        browser.set_window_size(1100, 640)
        for picture in folder.glob("*.svg"):
            browser.get(picture.as_uri())
            browser.save_screenshot(str(out / f"tooi-{picture.stem}.png"))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
