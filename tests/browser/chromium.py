"""Chromium for browser tests, with workarounds for known bugs of its driver."""

from pathlib import Path
from typing import Any

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

FLAGS = (
    "headless",
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "no-first-run",
    "force-prefers-reduced-motion",  # nothing is in between while a test looks
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "window-size=1280,1000",
)
PAGE_LEFT = "Node with given id does not belong to the document"


class Chromium(Chrome):
    """A browser that reports an element of the previous page as stale, as WebDriver specifies.

    Its driver reports "unknown error" instead, if the next page loads while the driver looks for
    the element (https://github.com/SeleniumHQ/selenium/issues/15401).
    """

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Send a command to the driver. Raises StaleElementReferenceException."""
        try:
            return super().execute(driver_command, params)
        except WebDriverException as error:
            if PAGE_LEFT in (error.msg or ""):
                raise StaleElementReferenceException(error.msg) from error
            raise


def start(
    binary: str, driver: str, profile: Path, *, scripts: bool, network: bool = False
) -> Chromium:
    """Start a browser with its own profile, with or without JavaScript.

    With `network`, it also logs its requests ("performance").
    """
    options = ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"user-data-dir={profile}"):
        options.add_argument(f"--{flag}")
    logs = {"browser": "ALL", **({"performance": "ALL"} if network else {})}
    options.set_capability("goog:loggingPrefs", logs)
    if not scripts:
        blocked = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", blocked)
    return Chromium(options=options, service=ChromeService(driver))
