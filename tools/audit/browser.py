"""Chromium that shows the pages of a site in a theme and a size, signed in or not."""

import re
import shutil
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from django.conf import settings

from tests.browser.chromium import Chromium, start

PROGRAMS = settings.BASE_DIR / "tools/audit/node_modules"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Size(NamedTuple):
    """The window of a device, in CSS pixels."""

    width: int
    height: int
    mobile: bool


SIZES = {
    "desktop": Size(1280, 900, mobile=False),
    "tablet": Size(768, 1024, mobile=True),
    "phone": Size(390, 844, mobile=True),
    "narrow": Size(320, 640, mobile=True),  # 1280 pixels at 400 % (WCAG 1.4.10)
}
# What the reader's system asks for.
THEMES = {
    "light": {"prefers-color-scheme": "light"},
    "dark": {"prefers-color-scheme": "dark"},
    "contrast": {"prefers-color-scheme": "light", "prefers-contrast": "more"},
    "dark-contrast": {"prefers-color-scheme": "dark", "prefers-contrast": "more"},
}


def sign_in(site: str, login: str, password: str) -> requests.Session:
    """A session of the account. Raises PermissionError if the site does not let it in."""
    session = requests.Session()
    page = session.get(f"{site}/login", timeout=30).text
    token = TOKEN.search(page)
    data = {
        "csrfmiddlewaretoken": token[1] if token else "",
        "login": login,
        "password": password,
    }
    answer = session.post(f"{site}/login", data=data, headers={"Referer": site}, timeout=30)
    if urlsplit(answer.url).path != "/":
        raise PermissionError(f"{site} does not sign {login} in (it leads to {answer.url}).")
    return session


class Viewer:
    """A browser that opens pages as somebody."""

    def __init__(self, browser: Chromium, site: str) -> None:
        self.browser = browser
        self.site = site

    @property
    def port(self) -> int:
        """Where other programs can use this browser (the DevTools protocol)."""
        address: str = self.browser.capabilities["goog:chromeOptions"]["debuggerAddress"]
        return int(address.rpartition(":")[2])

    def becomes(self, session: requests.Session | None) -> None:
        """Take over the cookies of a session, or have none."""
        self.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        for cookie in session.cookies if session else ():
            named = {"name": cookie.name, "value": cookie.value, "url": self.site}
            self.browser.execute_cdp_cmd("Network.setCookie", named)

    def opens(self, path: str, size: Size, theme: str) -> None:
        """Show a page as a device of this size does in this theme."""
        self.resizes(size)
        features = [{"name": name, "value": value} for name, value in THEMES[theme].items()]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.browser.get(self.site + path)

    def resizes(self, size: Size) -> None:
        """Show the present page, and what is opened next, in a window of this size."""
        metrics = {**size._asdict(), "deviceScaleFactor": 1}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def reads(self, language: str) -> None:
        """Ask for pages in this language."""
        self.browser.execute_cdp_cmd("Network.enable", {})
        headers = {"headers": {"Accept-Language": language}}
        self.browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", headers)

    def picture(self, file: Path, *, whole: bool) -> None:
        """Save a picture of the window, or of the whole page, as PNG."""
        asked: dict[str, Any] = {"captureBeyondViewport": whole}
        if whole:
            size = self.browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            asked |= {"clip": {**size, "scale": 1}}
        found = self.browser.execute_cdp_cmd("Page.captureScreenshot", asked)
        file.write_bytes(b64decode(found["data"]))

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        script = "const root = document.documentElement; return root.scrollWidth - root.clientWidth"
        return int(self.browser.execute_script(script))


@contextmanager
def viewing(site: str) -> Iterator[Viewer]:
    """A browser with a profile of its own for the time of the block."""
    if CHROMIUM is None or DRIVER is None:
        raise FileNotFoundError("Chromium and its driver (apt-get install chromium-driver)")
    with tempfile.TemporaryDirectory() as profile:
        browser = start(CHROMIUM, DRIVER, Path(profile), scripts=True)
        try:
            yield Viewer(browser, site)
        finally:
            browser.quit()
