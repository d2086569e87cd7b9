"""The main flows of the site, each with and without JavaScript, in English and in Arabic.

Two walks go through all of them: with scripts in Arabic, and without them in English. The other two
combinations go through what is done most, so that four walks cost less than three. Each page is
looked at as wide as on a desktop, a tablet and a phone, and the flows take turns with the widths.
"""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from accounts.models import User
from conftest import PASSWORD
from people import services as people
from search.people import index_people
from tests.browser import looking
from tests.browser.person import WAIT_SECONDS, Person
from tests.helpers.authenticator import code
from tests.helpers.pictures import picture
from tweets import marks
from tweets.models import Bookmark, Tweet
from tweets.polls.rules import NewPoll
from tweets.posting import post_tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Drain = Callable[..., int]


class Walk:
    """Somebody who goes through the site in a language, and notes what is wrong with its pages."""

    def __init__(self, person: Person, language: str, drain: Drain, files: Path) -> None:
        self.person = person
        self.language = language
        self.drain = drain
        self.files = files
        self.faults: list[str] = []
        self.seen: set[str] = set()  # pages, by their addresses without numbers
        self.width = looking.WIDTHS[0]

    @property
    def scripts(self) -> bool:
        """Whether this browser runs scripts."""
        return self.person.scripts

    def look(self, widths: Iterable[int] = looking.WIDTHS) -> None:
        """Note what is wrong with this page at these widths and, in the end, at the present one."""
        others = [width for width in widths if width != self.width]
        for width in (*others, self.width):
            if others:
                looking.resize(self.person, width)
            self.faults += looking.faults(self.person, width, self.language)
        self.faults += [f"{self.person.path}: {each}" for each in self.person.complaints()]

    def arrive(self) -> None:
        """Look at a page that has been opened: at all widths, if it is the first of its kind."""
        kind = re.sub(r"\d+", "0", self.person.path.partition("#")[0])
        self.look(() if kind in self.seen else looking.WIDTHS)
        self.seen.add(kind)

    def visit(self, path: str) -> None:
        """Open a page, and look at it."""
        self.person.visits(path)
        self.arrive()

    def find(self, selector: str) -> WebElement:
        """The first visible element, in the middle of the window. Waits until there is one."""
        shown: list[WebElement] = []

        def there() -> bool:
            shown[:] = [each for each in self.person.all(selector) if each.is_displayed()]
            return bool(shown)

        try:
            self.person.waits(there)
        except Exception as error:
            raise AssertionError(f"{self.person.path} shows no {selector}") from error
        script = "arguments[0].scrollIntoView({block: 'center'})"
        self.person.browser.execute_script(script, shown[0])
        return shown[0]

    def click(self, selector: str) -> None:
        """Click on something that leads to no other page."""
        self.find(selector).click()

    def go(self, selector: str, *, refused: bool = False) -> None:
        """Click on what leads to another page, and look at that: `refused`, the form again."""
        page = self.person.one("html")
        self.click(selector)
        WebDriverWait(self.person.browser, WAIT_SECONDS).until(staleness_of(page))
        self.person.waits(lambda: bool(self.person.all(".errorlist" if refused else "body")))
        if refused:
            assert "status of 400" in "".join(self.person.complaints())
        self.arrive()

    def change(self, selector: str, until: Callable[[], bool]) -> None:
        """Click on what changes the page in place with scripts, and loads it anew without."""
        if self.scripts:
            page = self.person.one("html")
            self.click(selector)
            self.person.waits(until)
            assert page == self.person.one("html"), "the page was loaded anew"
        else:
            self.go(selector)
            assert until(), f"{self.person.path}: {selector}"

    def fill(self, **fields: str) -> None:
        """Type into fields that are shown."""
        for name, text in fields.items():
            field = self.find(f"main [name={name}]")
            field.clear()
            field.send_keys(text)

    def choose(self, selector: str, value: str) -> None:
        """Choose a value of a list."""
        Select(self.find(selector)).select_by_value(value)

    def has(self, selector: str) -> bool:
        """Whether an element is visible."""
        return any(each.is_displayed() for each in self.person.all(selector))

    def menu(self, tweet: Tweet) -> str:
        """Open the menu of a tweet. Returns its selector."""
        menu = f"#t{tweet.pk} .tweet-menu"
        self.click(f"{menu} > summary")
        return menu


def signs_up(walk: Walk) -> None:
    """Choose the language, sign up, set a second factor, and sign in with both."""
    walk.person.visits("/")
    if walk.language == "ar":
        walk.choose(".foot select[name=language]", "ar")
        walk.go(".language-menu button")
        assert walk.person.one("html").get_attribute("dir") == "rtl"
    else:
        walk.look()
    walk.go("main a[href='/register']")
    walk.fill(handle="a", email="nobody", password="short")
    walk.person.browser.execute_script("document.querySelector('main form').noValidate = true")
    walk.go("main form .button-primary", refused=True)
    walk.fill(handle="nora", email="nora@example.org", password=PASSWORD)
    walk.go("main form .button-primary")
    assert walk.has(".notices")

    walk.visit("/settings")
    walk.go("main a[href='/settings/two-step']")
    walk.go("main a[href='/settings/two-step/app']")
    secret = walk.person.one(".secret-text").text
    walk.fill(code=code(secret))
    walk.go("main form .button-primary")
    assert walk.has(".recovery-codes")
    walk.go("main .button-primary")
    walk.visit("/settings/account")
    walk.go("main form[action='/logout'] button")

    walk.go("header a[href='/login']")
    walk.fill(login="nora", password=PASSWORD)
    walk.go("main form .button-primary")
    walk.fill(code=code(secret, steps=1))  # each is accepted once, and one step too early
    walk.go("main form .button-primary")
    assert walk.has(".nav")


def finds_and_follows(walk: Walk) -> None:
    """Search for somebody, follow them, take it back, and follow them again."""
    walk.visit("/explore")
    walk.find("main [type=search]").send_keys("bob")
    if walk.scripts:
        walk.find(".search-also .person")
    walk.person.one("main [type=search]").submit()
    walk.person.waits(lambda: walk.person.path == "/search?q=bob")
    walk.arrive()
    walk.go("#search-results a.person-name[href='/@bob']")
    follow = ".profile-buttons form[action$='/follow'] button"
    unfollow = ".profile-buttons form[action$='/unfollow'] button"
    walk.change(follow, lambda: walk.has(unfollow))
    walk.change(unfollow, lambda: not walk.has(".profile-buttons .button-following"))
    if walk.scripts:
        walk.click(".toast-button")
    else:
        walk.change(follow, lambda: walk.has(unfollow))
    assert walk.has(unfollow)
    walk.drain()


def posts(walk: Walk) -> None:
    """Post a picture with its description behind a warning, and a thread with a poll."""
    walk.visit("/")
    walk.go("a.nav-compose")
    walk.fill(text="☕ 1")
    walk.click(".composer-media > summary")
    field = ".composer-choose input" if walk.scripts else "[name=file1]"
    walk.person.one(field).send_keys(str(walk.files))
    walk.fill(alt1="☕ alt")
    walk.click("details:has(> [name=spoiler]) > summary")
    walk.fill(spoiler="☕ spoiler")
    walk.look()
    walk.go(".composer-send .button-primary")
    walk.drain()
    walk.visit("/@nora")
    walk.click(".feed .warned > summary")
    assert walk.find(".feed .media img").get_attribute("alt") == "☕ alt"

    walk.visit("/compose")
    walk.fill(text="☕ 2")
    walk.click(".composer-poll > summary")
    for choice, box in zip("12", walk.person.all("[name=poll_choices]"), strict=False):
        box.send_keys(choice)
    walk.change("[name=add_part]", lambda: walk.has("[name=parts]"))
    choices = [each.get_attribute("value") for each in walk.person.all("[name=poll_choices]")]
    assert choices == ["1", "2", "", ""]
    walk.fill(parts="☕ 3")
    walk.look()
    walk.go(".composer-send .button-primary")
    assert walk.has(".notices")
    walk.drain()


def reads_and_answers(walk: Walk) -> None:
    """Vote, reply and quote, from home and in a thread."""
    tweet = Tweet.objects.get(text="☕ bob")
    walk.visit("/")
    walk.click(f"#t{tweet.pk} .poll-option input[value='1']")
    walk.go(f"#t{tweet.pk} .poll-form button")
    assert walk.has(f"#t{tweet.pk} .poll-choice.is-chosen")
    walk.go(f"#t{tweet.pk} .action-reply")
    walk.fill(text="☕ 4")
    walk.go("#reply .composer-send button")
    assert "☕ 4" in walk.person.text
    walk.visit(f"/@bob/{tweet.pk}")
    walk.go(f"#t{tweet.pk} .action-quote")
    walk.fill(text="☕ 5")
    walk.go(".composer-send .button-primary")
    mine = Tweet.objects.get(text="☕ 5")
    walk.visit("/@nora")
    walk.go(f"{walk.menu(mine)} a[href*='/edit']")
    walk.fill(text="☕ 6")
    walk.go("main form .button-primary")
    mine.refresh_from_db()
    assert mine.text == "☕ 6"
    walk.drain()


def marks_and_takes_back(walk: Walk) -> None:
    """Like, repost and bookmark, and take each of it back."""
    tweet = Tweet.objects.get(text="☕ bob")
    for on in (True, False):
        walk.visit("/@bob")
        for name in ("repost", "like", "bookmark"):
            button = f"#t{tweet.pk} [data-mark={name}]"
            walk.change(button, partial(walk.has, f"{button}[aria-pressed={str(on).lower()}]"))
        # Scripts show a mark before the site has it.
        walk.person.waits(lambda on=on: Bookmark.objects.exists() == on)  # type: ignore[misc]
        walk.visit("/bookmarks")
        assert walk.has(f"#t{tweet.pk}") == on


def mutes_and_blocks(walk: Walk) -> None:
    """Mute and block somebody, and take it back."""
    walk.visit("/@charlie")
    walk.click(".profile-buttons .menu > summary")
    walk.look()
    walk.go(".menu-items [formaction$='/mute']")
    walk.go(".home-note button")
    walk.click(".profile-buttons .menu > summary")
    walk.go(".menu-items [formaction$='/block']")
    walk.visit("/settings/blocked")
    assert walk.has("main [href='/@charlie']")
    walk.visit("/@charlie")
    walk.go(".profile-buttons form[action$='/unblock'] button")
    assert walk.has(".profile-buttons form[action$='/follow'] button")


def collects(walk: Walk) -> None:
    """Make a list, put somebody on it, and read it."""
    walk.visit("/")
    if walk.width == looking.PHONE:
        walk.click(".nav-more summary")
        walk.look()
    walk.go(".nav a[href='/lists']")
    walk.go("main a[href='/lists/new']")
    walk.fill(name="☕ 11")
    walk.go("main form .button-primary")
    walk.visit("/@bob")
    walk.click(".profile-buttons .menu > summary")
    walk.go(".menu-items a[href$='/lists/choose']")
    walk.click("main [name=list_ids]")
    walk.go("main form .button-primary")
    walk.visit("/lists")
    walk.go("main a.settings-row-title")
    assert walk.has(".feed article")
    walk.go("main a.tab[href$='/members']")
    assert walk.has("main a.person-name[href='/@bob']")


def talks(walk: Walk) -> None:
    """Write to somebody, read the answer, and answer it."""
    walk.visit("/compose")
    walk.choose("[name=visibility]", "direct")
    walk.fill(text="☕ 7 @bob")
    walk.go(".composer-send .button-primary")
    first = Tweet.objects.get(text="☕ 7 @bob")
    bob = User.objects.get(handle="bob")
    post_tweet(author=bob, text="@nora ☕", reply_to_id=first.pk, visibility="direct")
    walk.drain()
    walk.visit("/conversations")
    walk.go(".conversation.is-unread a")
    walk.fill(text="☕ 8")
    walk.go(".composer-send button")
    assert "☕ 8" in walk.person.text


def hears(walk: Walk) -> None:
    """Read what others did, and set what to hear of."""
    bob, nora = User.objects.get(handle="bob"), User.objects.get(handle="nora")
    people.follow(follower=bob, followee=nora)
    marks.like(user=bob, tweet_id=Tweet.objects.get(text="☕ 4").pk)
    post_tweet(author=bob, text="@nora ☕ 9")
    walk.drain()
    walk.visit("/")
    assert walk.has("#unread")
    walk.go(".nav a[href='/notifications']")
    if not walk.scripts:
        walk.go("main form[action='/notifications/read'] button")
    walk.person.waits(lambda: not walk.person.all("#unread"))
    for tab in ("mentions", "reactions", "followers"):
        walk.go(f"main .tab[href='/notifications/{tab}']")
        assert walk.has("main article")
    walk.visit("/settings/notifications")


def waits(walk: Walk) -> None:
    """Save a draft, go on with it, schedule it, and delete it."""
    walk.visit("/compose")
    walk.fill(text="☕ 10")
    walk.click(".composer-later > summary")
    walk.look()
    walk.go("[name=save_draft]")
    walk.visit("/drafts")
    walk.go(".later a.button")
    assert walk.find("[name=text]").get_attribute("value") == "☕ 10"
    if not walk.has("[name=due_at]"):
        walk.click(".composer-later > summary")
    when = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    script = "arguments[0].value = arguments[1]"
    walk.person.browser.execute_script(script, walk.find("[name=due_at]"), when)
    walk.go("[name=schedule]")
    walk.visit("/scheduled")
    walk.go(".later button")
    assert not walk.has(".later")


def settles(walk: Walk) -> None:
    """Change the profile, the look and the language."""
    walk.visit("/settings/profile")
    walk.fill(name="☕ 12", bio="☕ bio")
    walk.go("main form .button-primary")
    walk.visit("/settings/appearance")
    walk.click("main [name=theme][value=dark]")
    walk.go("main form .button-primary")
    assert walk.person.one("html").get_attribute("data-theme") == "dark"
    walk.visit("/settings/language")
    walk.choose("main [name=language]", "de")
    walk.click("main form .button-primary")
    walk.person.waits(lambda: walk.person.one("html").get_attribute("lang") == "de")
    walk.choose("main [name=language]", walk.language)
    walk.go("main form .button-primary")
    assert walk.person.one("html").get_attribute("lang") == walk.language
    walk.visit("/@nora")
    assert "☕ bio" in walk.person.text


def reports(walk: Walk) -> None:
    """Report a tweet, and see what became of it."""
    tweet = Tweet.objects.get(text="☕ bob")
    walk.visit("/@bob")
    walk.go(f"{walk.menu(tweet)} a[href*='/report']")
    walk.click("[name=category][value=spam]")
    walk.fill(comment="☕")
    walk.go("main form .button-primary")
    walk.visit("/settings/reports")
    assert walk.has(".settings-row")


def deletes(walk: Walk) -> None:
    """Delete a tweet: scripts let it be undone for some seconds, and without them it is asked."""
    tweet = Tweet.objects.get(text="☕ 4")
    entry = f"#t{tweet.pk}"
    walk.visit("/@nora/replies")
    if walk.scripts:
        walk.click(f"{walk.menu(tweet)} [data-delete]")
        assert not walk.has(entry)
        walk.look()
        walk.click(".toast-button")
        walk.person.waits(lambda: walk.has(entry))
        walk.click(f"{walk.menu(tweet)} [data-delete]")
    else:
        walk.go(f"{walk.menu(tweet)} [data-delete]")
        walk.go(".confirm .button-danger")
    walk.visit("/@nora/replies")
    assert not walk.has(entry)
    walk.person.waits(lambda: not Tweet.objects.filter(pk=tweet.pk, deleted_at=None).exists())


Flow = Callable[[Walk], None]
MOST_DONE: tuple[Flow, ...] = (
    *(signs_up, finds_and_follows, posts, reads_and_answers, marks_and_takes_back, deletes),
)
FLOWS: tuple[Flow, ...] = (
    *(signs_up, finds_and_follows, posts, reads_and_answers, marks_and_takes_back),
    *(mutes_and_blocks, collects, talks, hears, waits, settles, reports, deletes),
)


@pytest.mark.parametrize(
    ("scripts", "language", "flows", "turn"),
    [
        (True, "ar", FLOWS, 0),
        (False, "en", FLOWS, 1),
        (True, "en", MOST_DONE, 2),
        (False, "ar", MOST_DONE, 2),
    ],
    ids=["scripts-ar", "none-en", "scripts-en", "none-ar"],
)
def test_every_flow_works(
    opens: Callable[..., Person],
    bob: User,
    charlie: User,
    drain: Drain,
    tmp_path: Path,
    scripts: bool,
    language: str,
    flows: tuple[Flow, ...],
    turn: int,
) -> None:
    file = tmp_path / "1.png"
    file.write_bytes(picture("PNG", (640, 320)))
    post_tweet(author=bob, text=f"{'W' * 400} https://example.org/{'W' * 400}")
    post_tweet(author=bob, text="☕ bob", poll=NewPoll(("1", "2"), seconds=86400))
    index_people([bob.pk])
    drain()
    walk = Walk(opens(scripts=scripts), language, drain, file)
    walk.person.visits("/nearby")
    runs = walk.has("[data-scripted]")
    assert runs == scripts, "the browser is not as it is to be"
    for place, flow in enumerate(flows):
        walk.width = looking.WIDTHS[(place + turn) % len(looking.WIDTHS)]
        looking.resize(walk.person, walk.width)
        flow(walk)
    assert not walk.faults, "\n".join(dict.fromkeys(walk.faults))
