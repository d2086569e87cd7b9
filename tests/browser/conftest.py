"""Fixtures for a real Chromium, with and without JavaScript. A missing browser is reported."""

import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from people.services import follow
from tests.browser.chromium import Chromium, start
from tests.browser.person import WAIT_SECONDS, Person
from tweets.posting import post_tweet

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
MISSING = "there is no Chromium with its driver (apt-get install chromium chromium-driver)"


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skip the test if no browser is installed."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip(f"NOT RUN: {MISSING}")


@pytest.fixture(scope="session")
def browsers(
    chromium: None, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int | str, bool], Chromium]]:
    """A function that returns a browser by its number or name and whether it runs scripts.

    Browsers are reused during the whole run. They are closed before the database is removed, and
    with them the server's connections to it.
    """
    started: dict[tuple[int | str, bool], Chromium] = {}

    def get(name: int | str, scripts: bool) -> Chromium:
        if (name, scripts) not in started:
            profile = tmp_path_factory.mktemp("profile")
            started[name, scripts] = start(CHROMIUM or "", DRIVER or "", profile, scripts=scripts)
        return started[name, scripts]

    yield get
    for browser in started.values():
        browser.quit()
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=WAIT_SECONDS)


@pytest.fixture
def opens(
    browsers: Callable[[int | str, bool], Chromium], live_server: LiveServer
) -> Iterator[Callable[..., Person]]:
    """A function that returns a `Person` with a browser of their own: `opens(scripts=False)`.

    With a `name`, it is a browser that only the tests use which give that name.
    """
    people: list[Person] = []

    def open_browser(*, scripts: bool = True, name: str = "") -> Person:
        browser = browsers(name or len(people), scripts)
        people.append(Person(browser, live_server.url, scripts=scripts))
        return people[-1]

    yield open_browser
    for person in people:
        person.leaves()


@pytest.fixture
def reads(
    opens: Callable[..., Person], alice: User, bob: User, drain: Callable[..., int]
) -> Callable[[int], Person]:
    """A function that returns bob on the home page, with so many tweets by alice."""

    def read(tweets: int) -> Person:
        follow(follower=bob, followee=alice)
        for number in range(tweets):
            post_tweet(author=alice, text=f"Number {number:02}")
        drain()
        person = opens()
        person.signs_in("bob")
        return person

    return read


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report skipped browser tests prominently, so that they are not mistaken for passed ones."""
    skipped = terminalreporter.stats.get("skipped", [])
    missing = [report for report in skipped if MISSING in str(report.longrepr)]
    if missing:
        terminalreporter.section("THE BROWSER TESTS DID NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(missing)} tests: {MISSING}")
