"""A user with a browser: performs actions, and reads what the browser displays."""

from collections.abc import Callable

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from conftest import PASSWORD
from tests.browser.chromium import Chromium

WAIT_SECONDS = 30  # a busy machine may take long; a page that is ready is not waited for


class Person:
    """A browser, and the URL of the site that it visits."""

    def __init__(self, browser: Chromium, site: str, *, scripts: bool) -> None:
        self.browser = browser
        self.site = site
        self.scripts = scripts

    def visits(self, path: str) -> None:
        """Open a path of the site."""
        self.browser.get(self.site + path)

    @property
    def path(self) -> str:
        """The path and query of the current page."""
        return self.browser.current_url.removeprefix(self.site)

    @property
    def text(self) -> str:
        """The visible text of the page."""
        return self.one("body").text

    def one(self, selector: str) -> WebElement:
        """The first element that matches a CSS selector. Raises NoSuchElementException."""
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        """All elements that match a CSS selector."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def fills(self, **fields: str) -> None:
        """Type texts into form fields, by their names."""
        for name, text in fields.items():
            self.one(f"[name={name}]").send_keys(text)

    def presses(self, label: str, within: str = "main") -> None:
        """Click the first button or link with this text, or with this start of its ARIA label.

        Without scripts, a click always loads another page, which is waited for.
        """
        has_label = f"normalize-space()='{label}' or starts-with(@aria-label, '{label}')"
        page, container = self.one("html"), self.one(within)
        container.find_element(By.XPATH, f".//*[self::a or self::button][{has_label}]").click()
        if not self.scripts:
            WebDriverWait(self.browser, WAIT_SECONDS).until(staleness_of(page))

    def sees(self, selector: str) -> WebElement:
        """Wait until an element matches a CSS selector, and return it."""
        self.waits(lambda: bool(self.all(selector)))
        return self.one(selector)

    def waits(self, until: Callable[[], bool]) -> None:
        """Wait until a condition holds, while the page may change."""
        expected = [NoSuchElementException, StaleElementReferenceException]
        wait = WebDriverWait(self.browser, WAIT_SECONDS, ignored_exceptions=expected)
        wait.until(lambda _: until())

    def registers(self, handle: str) -> None:
        """Register an account, and wait for the page after it."""
        self.visits("/register")
        self.fills(handle=handle, email=f"{handle}@example.org", password=PASSWORD)
        self.presses("Sign up")
        self.sees(".nav")

    def signs_in(self, handle: str) -> None:
        """Sign in, and wait for the page after it."""
        self.visits("/login")
        self.fills(login=handle, password=PASSWORD)
        self.presses("Log in", within="form")
        self.sees(".nav")

    def leaves(self) -> None:
        """Reset the browser for the next test."""
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.browser.get("about:blank")
        self.complaints()

    def complaints(self) -> list[str]:
        """Messages of the browser's console since the last call, including policy violations.

        The server of tests has no process for streams: that one is refused is no complaint, nor is
        what the browser says of the header that empties it after signing out.
        """
        log = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        messages = [entry["message"] for entry in log]
        usual = ("/api/stream", "Clear-Site-Data")
        return [message for message in messages if not any(each in message for each in usual)]
