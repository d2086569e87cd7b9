"""The search box with scripts. tests/browser/test_flows.py searches without them, too."""

from collections.abc import Callable

import pytest
from selenium.webdriver.common.keys import Keys

from accounts.models import User
from search import hashtags, indexing
from tests.browser.person import Person
from tests.helpers.tweets import post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fishing(alice: User) -> None:
    """A tweet with a hashtag, both of which can be found."""
    indexing.index_tweets([post(alice, "Gone #fishing").pk])
    hashtags.refresh()


def test_it_finds_as_one_types(opens: Callable[..., Person], fishing: None) -> None:
    person = opens()
    person.visits("/explore")
    box = person.one("main input[type=search]")
    box.send_keys("gone #fi")
    person.waits(lambda: bool(person.all(".search-also .tag-row")))
    assert person.path == "/explore"
    box.send_keys("shing")
    person.waits(lambda: bool(person.all("#search-results > section article.tweet")))
    assert person.all("#search-results nav.tabs")
    box.send_keys(Keys.ENTER)
    person.waits(lambda: person.path == "/search?q=gone+%23fishing")
    assert "Gone #fishing" in person.sees("article.tweet").text
    assert person.one("main input[type=search]").get_attribute("value") == "gone #fishing"
    assert person.complaints() == []


def test_the_box_of_other_pages_completes(opens: Callable[..., Person], fishing: None) -> None:
    person = opens(scripts=True)
    person.visits("/about")
    person.one("aside input[type=search]").send_keys("gone #fi")
    person.waits(lambda: bool(person.all("datalist option")))
    assert person.one("datalist option").get_attribute("value") == "gone #fishing"
