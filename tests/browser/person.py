"""Somebody with a browser: does what people do, and sees what they see."""

from collections.abc import Callable

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from conftest import PASSWORD
from tests.browser.chromium import Chromium

PATIENCE = 10  # seconds until something that was to appear counts as missing


class Person:
    """One browser, and the site it looks at."""

    def __init__(self, browser: Chromium, site: str, *, scripts: bool) -> None:
        self.browser = browser
        self.site = site
        self.scripts = scripts

    def visits(self, path: str) -> None:
        """Types an address."""
        self.browser.get(self.site + path)

    @property
    def path(self) -> str:
        """Where they are."""
        return self.browser.current_url.removeprefix(self.site)

    @property
    def text(self) -> str:
        """All that can be read on the page."""
        return self.one("body").text

    def one(self, selector: str) -> WebElement:
        """The first element of this kind."""
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        """All elements of this kind."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def fills(self, **fields: str) -> None:
        """Writes into fields by their names."""
        for name, text in fields.items():
            self.one(f"[name={name}]").send_keys(text)

    def presses(self, label: str, within: str = "main") -> None:
        """Presses the first button or link that says this, aloud or to a screen reader.

        Without scripts that always brings another page, which is waited for.
        """
        said = f"normalize-space()='{label}' or starts-with(@aria-label, '{label}')"
        page, near = self.one("html"), self.one(within)
        near.find_element(By.XPATH, f".//*[self::a or self::button][{said}]").click()
        if not self.scripts:
            WebDriverWait(self.browser, PATIENCE).until(staleness_of(page))

    def sees(self, selector: str) -> WebElement:
        """Waits until there is such an element."""
        self.waits(lambda: bool(self.all(selector)))
        return self.one(selector)

    def waits(self, until: Callable[[], bool]) -> None:
        """Waits until something holds, while the page may change under their eyes."""
        changing = [NoSuchElementException, StaleElementReferenceException]
        wait = WebDriverWait(self.browser, PATIENCE, ignored_exceptions=changing)
        wait.until(lambda _: until())

    def registers(self, handle: str) -> None:
        """Signs up."""
        self.visits("/register")
        self.fills(handle=handle, email=f"{handle}@example.org", password=PASSWORD)
        self.presses("Sign up")
        self.sees(".nav")

    def signs_in(self, handle: str) -> None:
        """Signs in."""
        self.visits("/login")
        self.fills(login=handle, password=PASSWORD)
        self.presses("Log in", within="form")
        self.sees(".nav")

    def leaves(self) -> None:
        """Leaves the browser as if nobody had used it."""
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.browser.get("about:blank")
        self.complaints()

    def complaints(self) -> list[str]:
        """What the browser's console has against the pages, policy violations included."""
        log = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in log]
