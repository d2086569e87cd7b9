"""Everything by keyboard alone: the Tab key reaches it, and the focus is seen and never lost."""

from collections.abc import Callable
from functools import partial

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from accounts.models import User
from conftest import PASSWORD
from people import services as people
from search.people import index_people
from tests.browser import looking
from tests.browser.person import Person
from tests.helpers.pictures import ready
from tweets.models import Like, Tweet
from tweets.posting import post_tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_STOPS = 90  # of the Tab key, before what is looked for

# Notes what has the focus when a key is pressed and cannot be seen: it has no outline, is outside
# of the window, or is below something else. A skip link leads to `main`, which needs none.
WATCH = r"""
window.unseen = [];
window.stops = 0;
const hasOutline = (element) => getComputedStyle(element).outlineStyle !== "none";
const fault = (element) => {
  const box = element.matches(".visually-hidden") ? element.closest("label") : element;
  const around = element.closest(".search, label") || box;
  const isMarked = hasOutline(box) || hasOutline(around) || element.matches(".composer textarea");
  if (!isMarked) return "no outline";
  const {left, top, width, height} = box.getBoundingClientRect();
  const isThere = [0.1, 0.5, 0.9].some((x) => [0.1, 0.5, 0.9].some((y) => {
    const found = document.elementFromPoint(left + x * width, top + y * height);
    return box.contains(found);
  }));
  return isThere ? "" : `covered at ${[left, top, width, height].map(Math.round)}`;
};
document.addEventListener("keydown", () => {
  const element = document.activeElement;
  if (element.matches("body, main, html")) return;
  window.stops += 1;
  const found = fault(element);
  if (found) window.unseen.push(`${found}: ${element.outerHTML.slice(0, 150)}`);
}, true);
"""


def press(person: Person, *keys: str) -> None:
    """Press keys, one after the other, wherever the focus is."""
    ActionChains(person.browser).send_keys(*keys).perform()


def press_with(person: Person, modifier: str, key: str) -> None:
    """Press a key while another one is down."""
    ActionChains(person.browser).key_down(modifier).send_keys(key).key_up(modifier).perform()


def arrives(person: Person, selector: str) -> None:
    """Wait for a page, and watch the focus in it."""
    person.sees(selector)
    person.browser.execute_script(WATCH)


def has_focus(person: Person, selector: str) -> bool:
    """Whether the element with the focus matches a selector."""
    script = "return document.activeElement.matches(arguments[0])"
    return bool(person.browser.execute_script(script, selector))


def tabs_to(person: Person, selector: str, *, back: bool = False) -> None:
    """Press Tab until the focus is on what a selector matches."""
    for _ in range(MOST_STOPS):
        press_with(person, Keys.SHIFT, Keys.TAB) if back else press(person, Keys.TAB)
        if has_focus(person, selector):
            return
    raise AssertionError(f"{person.path}: Tab does not reach {selector}")


def goes_through(person: Person, stops: int) -> None:
    """Press Tab so many times, and see the focus each time."""
    press(person, *([Keys.TAB] * stops))
    assert unseen(person) == [], person.path
    assert person.browser.execute_script("return window.stops") >= stops // 2


def unseen(person: Person) -> list[str]:
    """What had the focus on this page and could not be seen."""
    press(person, Keys.SHIFT)  # a key, by which what has it now is looked at, too
    found: list[str] = person.browser.execute_script("return [...new Set(window.unseen)]")
    return found


def press_undo(person: Person) -> None:
    """Press the button of a toast, which stays as long as it has the focus."""
    script = "document.querySelector('.toast-button').focus()"
    person.browser.execute_script(script)
    press(person, Keys.ENTER)


@pytest.fixture
def tweet(alice: User, bob: User, drain: Callable[..., int]) -> Tweet:
    """A tweet with two pictures, by alice, whom bob follows."""
    people.follow(follower=bob, followee=alice)
    post_tweet(author=bob, text="Mine")
    pictures = [ready(alice, alt="Two colours").pk for _ in range(2)]
    drain()
    tweet = post_tweet(author=alice, text="Two pictures", media_ids=pictures)
    index_people([alice.pk])
    drain()
    return tweet


@pytest.mark.parametrize("width", [looking.PHONE, looking.WIDTHS[0]])
def test_the_keyboard_reaches_everything(
    opens: Callable[..., Person], tweet: Tweet, width: int
) -> None:
    bob = opens()
    looking.resize(bob, width)
    entry = f"#t{tweet.pk}"

    bob.visits("/login")
    arrives(bob, "[name=login]")
    if not has_focus(bob, "[name=login]"):
        tabs_to(bob, "[name=login]")
    press(bob, "bob", Keys.TAB, PASSWORD, Keys.ENTER)
    arrives(bob, ".nav")

    press(bob, Keys.TAB)
    assert has_focus(bob, ".skip-link")
    press(bob, Keys.ENTER)
    assert has_focus(bob, "main")
    assert unseen(bob) == []

    # A mark, which keeps the focus when the answer of the site is there.
    tabs_to(bob, f"{entry} [data-mark=like]")
    press(bob, Keys.SPACE)
    bob.waits(lambda: Like.objects.exists())
    bob.waits(lambda: bool(bob.all(f"{entry} [data-mark=like][formaction$='/unlike']")))
    assert has_focus(bob, f"{entry} [data-mark=like].is-on")

    # A menu: what is chosen replaces it, and Escape closes it.
    tabs_to(bob, f"{entry} .tweet-menu > summary")
    press(bob, Keys.ENTER)
    tabs_to(bob, f"{entry} [hx-get]")
    press(bob, Keys.ENTER)
    bob.sees(f"{entry} .why")
    bob.waits(lambda: has_focus(bob, f"{entry} .tweet-menu *"))
    press(bob, Keys.ESCAPE)
    assert has_focus(bob, f"{entry} .tweet-menu > summary")
    press(bob, Keys.ENTER)
    press_with(bob, Keys.SHIFT, Keys.TAB)
    assert not bob.all("details.menu[open]")

    # Pictures: the focus goes round in the dialog, and comes back from it.
    tabs_to(bob, f"{entry} .media-item", back=True)
    press(bob, Keys.ENTER)
    bob.sees("dialog.viewer")
    for _ in range(6):
        press(bob, Keys.TAB)
        assert has_focus(bob, "dialog *, body")
    press(bob, Keys.ARROW_RIGHT, Keys.ESCAPE)
    bob.waits(lambda: not bob.all("dialog"))
    assert has_focus(bob, f"{entry} .media-item")
    assert unseen(bob) == []

    # A tweet, with a completed handle.
    bob.visits("/compose")
    arrives(bob, ".composer")
    if not has_focus(bob, "[name=text]"):
        tabs_to(bob, "[name=text]")
    press(bob, "Hello @ali")
    bob.sees("[role=option]")
    press(bob, Keys.ESCAPE)
    assert has_focus(bob, "[name=text]")
    press(bob, "c")
    bob.sees("[role=option]")
    press(bob, Keys.ARROW_DOWN, Keys.ENTER)
    assert bob.one("[name=text]").get_attribute("value") == "Hello @alice "
    tabs_to(bob, ".composer-media > summary")
    press(bob, Keys.ENTER)
    tabs_to(bob, ".composer-choose input")
    tabs_to(bob, ".composer-add")
    press(bob, Keys.ENTER, "And more")
    tabs_to(bob, ".composer-send button", back=True)
    assert unseen(bob) == []
    press(bob, Keys.ENTER)
    arrives(bob, ".notices")
    assert Tweet.objects.filter(text="And more").exists()

    # A reply finds its field ready.
    bob.visits(f"/@alice/{tweet.pk}")
    arrives(bob, ".tweet-focus")
    tabs_to(bob, ".tweet-focus .action-reply")
    press(bob, Keys.ENTER)
    bob.waits(lambda: has_focus(bob, "#reply [name=text]"))
    press(bob, "Nice")
    press_with(bob, Keys.CONTROL, Keys.ENTER)
    bob.waits(lambda: Tweet.objects.filter(text="Nice").exists())

    # Tabs are links. Deleting, and taking it back: each time the focus is on an entry.
    bob.visits("/@bob/likes")
    arrives(bob, ".tabs")
    tabs_to(bob, ".tab[href='/@bob']")
    press(bob, Keys.ENTER)
    bob.waits(lambda: bob.path == "/@bob")
    arrives(bob, ".tabs")
    for undo in (partial(press, bob, "z"), partial(press_undo, bob)):
        tabs_to(bob, ".feed > article:first-child .tweet-menu > summary")
        press(bob, Keys.ENTER)
        tabs_to(bob, "[data-delete]")
        press(bob, Keys.ENTER)
        assert has_focus(bob, ".feed > article:nth-child(2)")
        undo()
        assert has_focus(bob, ".feed > article:first-child")

    # Unfollowing, and taking that back.
    bob.visits("/@alice")
    arrives(bob, ".tabs")
    tabs_to(bob, ".profile-buttons [data-follow] button")
    press(bob, Keys.ENTER)
    press_undo(bob)
    assert has_focus(bob, ".profile-buttons .button-following")
    if width == looking.PHONE:
        tabs_to(bob, ".nav-more summary", back=True)
        press(bob, Keys.ENTER, Keys.TAB)
        assert has_focus(bob, ".nav-sheet a")
        press(bob, Keys.ESCAPE)
        assert has_focus(bob, ".nav-more summary")
    assert unseen(bob) == []
    assert bob.complaints() == []


@pytest.mark.parametrize("width", [looking.PHONE, looking.WIDTHS[0]])
def test_the_focus_is_seen_on_every_stop(
    opens: Callable[..., Person], tweet: Tweet, width: int
) -> None:
    bob = opens()
    bob.signs_in("bob")
    looking.resize(bob, width)
    for path in ("/", "/compose", "/@alice", "/settings", "/settings/profile", "/search?q=two"):
        bob.visits(path)
        arrives(bob, "main")
        goes_through(bob, 60)
