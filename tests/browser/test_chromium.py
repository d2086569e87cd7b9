"""The workaround in `Chromium` for elements of a page that is being replaced."""

from collections.abc import Callable

import pytest
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.person import WAIT_SECONDS, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEAVE = "const [path] = arguments; setTimeout(() => { location = path; }, 5);"


def test_an_element_of_the_previous_page_is_stale(opens: Callable[..., Person]) -> None:
    """Polls without pauses: without the workaround, one in seven polls raises another error."""
    person = opens()
    person.visits("/login")
    for path in ("/register", "/login") * 15:
        page = person.one("html")
        person.browser.execute_script(LEAVE, path)
        WebDriverWait(person.browser, WAIT_SECONDS, poll_frequency=0.001).until(staleness_of(page))

    person.waits(lambda: person.path == "/login")
