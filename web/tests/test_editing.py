"""Editing a tweet on the site, as a browser without scripts does it, and reading what it said."""

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.pages import HTMX, code_in, older, page
from tweets.editing import edit_tweet
from tweets.marks import repost
from tweets.models import Tweet
from tweets.posting import post_tweet


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def thread(tweet: Tweet) -> str:
    """Where it is shown."""
    return f"/@{tweet.author.handle}/{tweet.pk}"


def test_it_edits_and_goes_back(browser: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Helo <world>", spoiler="Birds")
    assert f'href="{thread(tweet)}/edit?next=%2F%40alice"' in page(browser.get("/@alice"))
    form = page(browser.get(f"{thread(tweet)}/edit?next=/@alice"))
    assert "Helo &lt;world&gt;</textarea>" in form
    assert 'value="Birds"' in form
    assert 'name="next" value="/@alice"' in form

    data = {"text": "Hello\r\nworld", "spoiler": "", "next": "/@alice"}
    response = browser.post(f"{thread(tweet)}/edit", data, follow=True)

    assert response.redirect_chain == [("/@alice", 302)]
    shown = page(response)
    assert "Your tweet is changed." in shown
    assert '<div dir="auto">Hello</div><div dir="auto">world</div>' in shown
    assert f'href="{thread(tweet)}/history">edited</a>' in shown
    assert ">edited</a>" in page(browser.get(thread(tweet)))


def test_what_was_not_edited_does_not_say_so(browser: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Hello")
    browser.post(f"{thread(tweet)}/edit", {"text": "Hello"})
    assert ">edited</a>" not in page(browser.get("/@alice"))


def test_what_was_refused_is_told_beside_the_text(browser: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Hello")

    response = browser.post(f"{thread(tweet)}/edit", {"text": "x" * 501})

    assert response.status_code == 400
    assert "the limit is 500" in page(response)
    assert "xxx</textarea>" in page(response)
    tweet.refresh_from_db()
    assert tweet.text == "Hello"


def test_a_warning_can_be_put_before_it(browser: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Hello")
    browser.post(f"{thread(tweet)}/edit", {"text": "Hello", "sensitive": "on"})
    assert "<summary><bdi>Sensitive content</bdi>" in page(browser.get("/@alice"))
    assert "checked" in page(browser.get(f"{thread(tweet)}/edit")).partition("<main")[2]


def test_only_its_author_edits_a_tweet(browser: Client, alice: User, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Mine")
    mine = repost(user=alice, tweet_id=tweet.pk)

    assert f"{thread(tweet)}/edit" not in page(browser.get(thread(tweet)))
    for named in (tweet, mine):
        assert browser.get(f"{thread(named)}/edit").status_code == 403
        assert browser.post(f"{thread(named)}/edit", {"text": "Yours"}).status_code == 403
    assert browser.get(f"/@bob/{2**53 - 1}/edit").status_code == 404


def test_signed_out_one_is_asked_to_sign_in(client: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Hello")
    response = client.post(f"{thread(tweet)}/edit", {"text": "x", "next": "/explore"})
    assert response.headers["Location"] == "/login?next=%2Fexplore"


def test_everybody_reads_what_it_said(client: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="<b>Helo</b>", spoiler="Birds")
    edit_tweet(author=alice, tweet_id=tweet.pk, text="Hello", spoiler="")

    shown = page(client.get(f"{thread(tweet)}/history"))

    assert shown.index(">Hello</div>") < shown.index("&lt;b&gt;Helo&lt;/b&gt;")
    assert "<summary><bdi>Birds</bdi>" in shown
    assert code_in(shown) == []
    moved = client.get(f"/@somebody/{tweet.pk}/history")
    assert moved.headers["Location"] == f"{thread(tweet)}/history"


def test_a_long_history_has_pages(client: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="number 0")
    for number in range(1, 25):
        edit_tweet(author=alice, tweet_id=tweet.pk, text=f"number {number}")

    first = page(client.get(f"{thread(tweet)}/history"))
    more = page(client.get(older(first), headers=HTMX))

    assert "number 24<" in first
    assert "number 0<" not in first
    assert "number 0<" in more
    assert "<html" not in more


def test_what_one_may_not_see_has_no_history(client: Client, alice: User) -> None:
    tweet = post_tweet(author=alice, text="Psst", visibility="followers")
    assert client.get(f"{thread(tweet)}/history").status_code == 404


def test_an_open_page_reads_an_edited_tweet_anew(browser: Client, alice: User, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Helo")
    edit_tweet(author=bob, tweet_id=tweet.pk, text="Hello")
    path = f"{thread(tweet)}/entry"
    entry = page(browser.get(f"{path}?anchor=t9", headers=HTMX))
    assert ('id="t9"' in entry, "Hello" in entry, "<html" in entry) == (True, True, False)
    assert f'id="t{tweet.pk}"' in page(browser.get(f"{path}?anchor=%3Cb%3E", headers=HTMX))
    for address, headers in ((path, {}), (f"/@alice/{tweet.pk}/entry", HTMX)):
        assert browser.get(address, headers=headers).headers["Location"] == thread(tweet)

    secret = post_tweet(author=bob, text="Psst", visibility="followers")
    assert browser.get(f"{thread(secret)}/entry", headers=HTMX).status_code == 404
