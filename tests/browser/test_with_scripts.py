"""Enhancements by scripts, under a content security policy that forbids inline code."""

from collections.abc import Callable

import pytest

from accounts.models import User
from people import services as people
from tests.browser.person import Person
from tweets import text as texts
from tweets.posting import post_tweet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reader(reads: Callable[[int], Person]) -> Person:
    """bob on the home page, with three pages of tweets by alice."""
    return reads(45)


def test_a_list_goes_on_and_coming_back_leads_to_the_same_place(reader: Person) -> None:
    run = reader.browser.execute_script
    run("window.same = true")
    for number in (40, 45):
        run("window.scrollTo(0, document.body.scrollHeight)")
        reader.waits(lambda number=number: len(reader.all("article.tweet")) == number)  # type: ignore[misc]
    texts = [element.text for element in reader.all(".tweet-text")]
    assert texts == [f"Number {number:02}" for number in reversed(range(45))]
    assert not reader.all("[rel=next]")
    # Appended tweets work like the first ones.
    last = reader.all(".action-like")[44]
    run("arguments[0].scrollIntoView({block: 'center'})", last)
    last.click()
    reader.sees(".action-like.is-on")
    moved = "return document.getElementById('{id}').getBoundingClientRect().top - {top}"
    # Where one reads is noted as soon as scrolling is over.
    reader.waits(lambda: run(moved.format(**run("return history.state.place"))) == 0)
    moved = moved.format(**run("return history.state.place"))
    path = reader.path
    assert "cursor=" in path
    assert run("return window.same") is True

    reader.browser.refresh()  # the address is that of the page with this entry
    reader.waits(lambda: abs(run(moved)) < 5)
    reader.visits("/explore")
    reader.browser.back()
    reader.waits(lambda: reader.path == path and abs(run(moved)) < 5)
    assert reader.complaints() == []


def test_new_tweets_are_announced_and_put_above(
    reader: Person, alice: User, drain: Callable[..., int]
) -> None:
    post_tweet(author=alice, text="Brand new")
    drain()
    reader.browser.execute_script(
        "window.scrollTo(0, 500); document.dispatchEvent(new Event('visibilitychange'))"
    )
    link = reader.sees("[data-new] a")
    assert link.text == "1 new tweet"
    assert reader.browser.execute_script("return window.scrollY") == 500

    link.click()
    reader.waits(lambda: reader.one(".feed .tweet-text").text == "Brand new")
    assert len(reader.all("article.tweet")) >= 21
    assert not reader.all("[data-new] a")
    assert reader.complaints() == []


def test_the_counter_counts_characters_and_links(reader: Person) -> None:
    counter = reader.one(".composer-count")
    assert not counter.is_displayed()

    reader.fills(text="e\u0301 https://example.org/a/very/long/path")

    assert counter.text == str(500 - 2 - 23)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 501,
        "\u0e33" * 2001,  # one character, of 2001 code points
        "🏳️‍🌈" * 500,  # 500 characters of 2000 code points
        "🏳️‍🌈" * 500 + " ",  # a blank at the end is sent too
        "🏳️‍🌈" * 400 + "\n" * 99 + "x",  # each line ends with two code points in a form
        "क्षि" * 500,
        "x" + "\u0301" * 16,
        "x" + "\u0301" * 15,  # NFC joins the first accent with the letter
        "one\n\n\n\n\n\ntwo" * 60,
    ],
)
def test_the_counter_agrees_with_the_rules_of_texts(reader: Person, text: str) -> None:
    reader.browser.execute_script(
        "const field = document.querySelector('[name=text]'); field.value = arguments[0];"
        "field.dispatchEvent(new Event('input'));",
        text,
    )
    counter = reader.one(".composer-count")
    sent = text.replace("\n", "\r\n")
    try:
        stored = texts.check(sent, may_be_blank=True)
    except texts.TweetTextError:
        assert "is-over" in str(counter.get_attribute("class"))
    else:
        assert "is-over" not in str(counter.get_attribute("class"))
        points = texts.MAX_CODE_POINTS - max(len(sent), len(stored))
        assert counter.text == str(min(texts.MAX_LENGTH - texts.length(stored), points))


def test_a_click_on_a_tweet_opens_it(reader: Person, alice: User) -> None:
    reader.one(".feed .tweet-text").click()

    reader.waits(lambda: reader.path.startswith("/@alice/"))
    assert reader.one(".tweet-focus .tweet-text").text == "Number 44"


def test_an_error_is_shown_without_leaving_the_page(reader: Person, alice: User) -> None:
    people.block(blocker=alice, blocked=User.objects.get(handle="bob"))

    reader.presses("Like")

    assert reader.sees(".toast").text == "There is nothing here."
    assert not reader.all(".action-like.is-on")
    assert reader.path == "/"
