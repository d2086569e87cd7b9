"""Everything by keyboard alone: read, like, follow, reply, post, and the keys that do it faster."""

from collections.abc import Callable

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from accounts.models import User
from people.selectors import relationship
from tests.browser.person import Person
from tweets.models import Tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reader(reads: Callable[[int], Person]) -> Person:
    """bob on the home page, with three tweets by alice."""
    return reads(3)


def press(person: Person, *keys: str) -> None:
    """Press keys, one after the other, wherever the focus is."""
    ActionChains(person.browser).send_keys(*keys).perform()


def send(person: Person, text: str) -> None:
    """Type a text and send it, by the keyboard."""
    chain = ActionChains(person.browser).send_keys(text)
    chain.key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()


def focused(person: Person) -> str:
    """The text of the element with the focus."""
    return person.browser.switch_to.active_element.text


def test_keys_read_mark_reply_and_write(reader: Person) -> None:
    press(reader, "j")
    assert "Number 02" in focused(reader)
    press(reader, "j", "j", "j", "k")
    assert "Number 01" in focused(reader)
    press(reader, "l", "b")
    reader.waits(lambda: len(reader.all(".is-on")) == 2)
    assert "Number 01" in focused(reader)  # where one can go on with j
    press(reader, "?")
    assert "The next one" in reader.sees("dialog[open]").text
    assert reader.one("dialog").accessible_name == "Keyboard shortcuts"
    press(reader, "j", Keys.ESCAPE)
    reader.waits(lambda: not reader.all("dialog"))
    assert "Number 01" in focused(reader)

    press(reader, "r")
    reader.waits(lambda: reader.path.endswith("#reply"))
    reader.waits(lambda: reader.browser.switch_to.active_element.get_attribute("name") == "text")
    send(reader, "gh? l")
    reader.waits(lambda: Tweet.objects.filter(text="gh? l").exists())

    reader.sees(".notices")
    press(reader, "g", "h")
    reader.waits(lambda: reader.path == "/")
    press(reader, "n")
    send(reader, "By keys")
    reader.waits(lambda: Tweet.objects.filter(text="By keys", reply_to=None).exists())
    reader.sees(".notices")
    press(reader, "/")
    assert reader.browser.switch_to.active_element.get_attribute("id") == "search"
    assert reader.complaints() == []


def test_keys_can_be_switched_off(reader: Person) -> None:
    reader.visits("/help/keys")
    reader.one("[data-keys-switch] input").click()
    press(reader, "g", "h", "j", "?")
    assert reader.path == "/help/keys"
    assert not reader.all("dialog")

    reader.one("[data-keys-switch] input").click()
    press(reader, "g", "h")
    reader.waits(lambda: reader.path == "/")


def test_a_button_follows_and_takes_it_back_by_the_keyboard(
    reader: Person, alice: User, bob: User
) -> None:
    reader.visits("/@alice")
    button = reader.one(".profile-buttons [data-follow] button")
    reader.browser.execute_script("arguments[0].focus()", button)
    press(reader, Keys.ENTER)
    assert focused(reader) == "Follow"
    press(reader, Keys.ENTER)  # within the seconds in which it can be undone
    assert "Following" in str(button.get_attribute("textContent"))
    assert not reader.all(".toast")
    press(reader, Keys.ENTER)
    reader.visits("/")  # leaving the page sends what was waiting
    reader.waits(lambda: not relationship(viewer=bob, user=alice).following)
    assert reader.complaints() == []
