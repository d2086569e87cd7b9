"""Chromium as the tests drive it: its driver's known faults are dealt with here, and only here."""

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
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "window-size=1280,1000",
)
LEFT = "Node with given id does not belong to the document"


class Chromium(Chrome):
    """A browser that calls an element of a page just left stale, as WebDriver has it.

    Its driver says "unknown error" instead where the next page arrives while it looks for the
    element (https://github.com/SeleniumHQ/selenium/issues/15401).
    """

    def execute(self, driver_command: Any, params: dict[str, Any] | None = None) -> Any:
        """Sends a command to the driver."""
        try:
            return super().execute(driver_command, params)
        except WebDriverException as error:
            if LEFT in (error.msg or ""):
                raise StaleElementReferenceException(error.msg) from error
            raise


def start(binary: str, driver: str, profile: Path, *, scripts: bool) -> Chromium:
    """Starts a browser with a profile of its own, with or without JavaScript."""
    options = ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"user-data-dir={profile}"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not scripts:
        blocked = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", blocked)
    return Chromium(options=options, service=ChromeService(driver))
