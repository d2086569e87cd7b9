"""What the tests may rely on while a page gives way to the next."""

from collections.abc import Callable

import pytest
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.person import PATIENCE, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEAVE = "const [path] = arguments; setTimeout(() => { location = path; }, 5);"


def test_an_element_of_a_page_just_left_is_stale(opens: Callable[..., Person]) -> None:
    """Looked at without pause: without the care of `Chromium` one time in seven is an error."""
    person = opens()
    person.visits("/login")
    for path in ("/register", "/login") * 15:
        page = person.one("html")
        person.browser.execute_script(LEAVE, path)
        WebDriverWait(person.browser, PATIENCE, poll_frequency=0.001).until(staleness_of(page))

    person.waits(lambda: person.path == "/login")
