"""What only a browser can show of texts: none leaves its box, and each line has its direction."""

from collections.abc import Callable

import pytest

from accounts.models import User
from chirp.plain_text import MAX_CLUSTER
from people.profile import update_profile
from tests.browser.person import Person
from tweets.places import NewPlace
from tweets.posting import post_tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = 360  # pixels
STACK = "x" + "\u0301" * (MAX_CLUSTER - 1)
WORST = [
    "W" * 500,
    "ก" + "\u0e33" * (MAX_CLUSTER - 1),
    "\u1100" * MAX_CLUSTER + "क्" * (MAX_CLUSTER // 2),
    STACK * 100,
    "\ufdfd" * 20 + "𒐫" * 20,
    "https://example.com/" + "W" * 500 + " https://" + "w" * 63 + ".example.com",
    "#" + "W" * 100 + " @" + "W" * 30,
    "a\n" * 250,
]


@pytest.fixture
def phone(opens: Callable[..., Person]) -> Person:
    """A browser as wide as a small phone."""
    person = opens()
    metrics = {"width": PHONE, "height": 700, "deviceScaleFactor": 1, "mobile": False}
    person.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    return person


# Elements that cross the right edge of the screen, except those that an ancestor clips.
LEAVING = """
const width = document.documentElement.clientWidth;
const clipped = (element) => {
  for (let at = element.parentElement; at; at = at.parentElement)
    if (getComputedStyle(at).overflowX !== "visible") return true;
  return false;
};
const shown = (element) => element.checkVisibility({contentVisibilityAuto: true});
const wide = (element) => element.getBoundingClientRect().right > width + 1;
const leaves = (element) => shown(element) && wide(element) && !clipped(element);
return Array.from(document.querySelectorAll("body *"))
  .filter(leaves)
  .map((element) => element.outerHTML.slice(0, 200))
  .concat(document.documentElement.scrollWidth > width ? ["the page"] : []);
"""


@pytest.mark.parametrize("wide", ["W" * 25, "ก" + "\u0e33" * 15], ids=["words", "characters"])
def test_no_text_is_wider_than_a_phone(
    phone: Person, person: Callable[..., User], drain: Callable[..., int], wide: str
) -> None:
    author = person("W" * 30)
    changes = {"name": wide * 2, "bio": wide * 20, "place": wide * 4}
    changes["link"] = "https://example.com/" + "W" * 150
    update_profile(user=author, changes=changes)
    place = NewPlace(1, 1, name=changes["place"])
    tweets = [post_tweet(author=author, text=text, location=place) for text in WORST]
    warned = post_tweet(author=author, text="x", spoiler=changes["place"], quote_of_id=tweets[0].pk)
    post_tweet(author=author, text="x", quote_of_id=warned.pk)
    drain()
    phone.signs_in(author.handle)
    handle = f"/@{author.handle}"
    for path in (
        *("/", handle, f"{handle}/{warned.pk}", f"{handle}/{tweets[3].pk}", f"{handle}/following"),
        *("/settings", f"/compose?quote={warned.pk}", f"{handle}/{warned.pk}/edit", "/explore"),
    ):
        phone.visits(path)
        assert phone.browser.execute_script(LEAVING) == [], path


def test_accents_do_not_cover_other_tweets(phone: Person, alice: User) -> None:
    tweet = post_tweet(author=alice, text=f"{STACK}\n{STACK}")
    phone.visits(f"/@alice/{tweet.pk}")
    assert phone.one(".tweet-text").value_of_css_property("overflow-y") == "clip"


def test_lists_cut_a_text_of_many_lines_short(phone: Person, alice: User) -> None:
    post_tweet(author=alice, text="line\n" * 100)
    phone.visits("/@alice")
    assert phone.one(".tweet-text").size["height"] < 500
    more = phone.one(".tweet-more")
    phone.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", more)
    more.click()
    phone.sees(".tweet-focus")
    assert phone.one(".tweet-text").size["height"] > 2000
    assert not phone.one(".tweet-more").is_displayed()


# For each line of a tweet, whether its first word stands on the right of its last one, and whether
# it begins at the right edge.
DIRECTIONS = """
const box = arguments[0].getBoundingClientRect(), lines = [[]];
const walk = document.createTreeWalker(arguments[0]);
for (let node = walk.nextNode(); node; node = walk.nextNode()) {
  if (node.nodeName === "DIV" && lines.at(-1).length) lines.push([]);
  if (node.nodeType !== Node.TEXT_NODE) continue;
  for (const match of node.data.matchAll(/\\S+/g)) {
    const range = document.createRange();
    range.setStart(node, match.index);
    range.setEnd(node, match.index + match[0].length);
    lines.at(-1).push(range.getBoundingClientRect());
  }
}
return lines.map((words) => {
  const atRight = box.right - words[0].right < words[0].left - box.left;
  return atRight === words[0].left > words.at(-1).left || words.length === 1 ? atRight : null;
});
"""


@pytest.mark.parametrize(
    ("text", "from_right"),
    [
        ("Good morning\nصباح الخير\nAll of you", [False, True, False]),
        ("@alice مرحبا بكم\n@nobody مرحبا بكم\n#chirp مرحبا بكم", [True, True, True]),
        ("https://example.com/x שלום לכם\n1. שלום לכם", [True, True]),
        ("#مرحبا good morning\nsee #مرحبا", [False, False]),
        ("#مرحبا #صباح\n\u200f@alice @bob", [True, True]),
        ("@alice #chirp\n(@alice) good", [False, False]),
    ],
)
def test_each_line_has_the_direction_of_its_own_words(
    phone: Person, alice: User, bob: User, text: str, from_right: list[bool]
) -> None:
    tweet = post_tweet(author=alice, text=text)
    phone.visits(f"/@alice/{tweet.pk}")
    element = phone.one(".tweet-text")
    assert phone.browser.execute_script(DIRECTIONS, element) == from_right
