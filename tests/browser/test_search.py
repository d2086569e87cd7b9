"""The search box, with and without scripts."""

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


@pytest.mark.parametrize("scripts", [True, False])
def test_the_box_completes_and_finds(
    opens: Callable[..., Person], fishing: None, scripts: bool
) -> None:
    person = opens(scripts=scripts)
    person.visits("/explore")
    box = person.one("main input[type=search]")
    box.send_keys("gone #fi")
    if scripts:
        person.waits(lambda: bool(person.all("datalist option")))
        assert person.one("datalist option").get_attribute("value") == "gone #fishing"
    box.send_keys("shing", Keys.ENTER)
    person.waits(lambda: person.path == "/search?q=gone+%23fishing")
    assert "Gone #fishing" in person.sees("article.tweet").text
    assert person.one("main input[type=search]").get_attribute("value") == "gone #fishing"
    if scripts:
        assert person.complaints() == []
