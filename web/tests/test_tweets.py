"""The pages that show tweets, as a browser without scripts reads them."""

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from people.profile import update_profile
from tests.helpers.pages import HTMX, newer, older, page
from tweets.marks import like, repost
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


def test_a_profile_has_tweets_replies_and_likes(browser: Client, alice: User, bob: User) -> None:
    other = post_tweet(author=alice, text="By alice")
    post_tweet(author=bob, text="By bob")
    post_tweet(author=bob, text="An answer", reply_to_id=other.pk)
    like(user=bob, tweet_id=other.pk)

    tweets = page(browser.get("/@bob"))
    assert "By bob" in tweets
    assert "An answer" not in tweets
    replies = page(browser.get("/@bob/replies"))
    assert "An answer" in replies
    assert 'Replying to <a href="/@alice"><bdi>@alice</bdi></a>' in replies
    assert "By alice" in page(browser.get("/@bob/likes"))


def test_lists_lead_to_the_rest_of_a_text_of_many_lines(browser: Client, bob: User) -> None:
    more = "Show more"
    post_tweet(author=bob, text="x\n" * 15)
    assert more not in page(browser.get("/@bob"))
    post_tweet(author=bob, text="x\n" * 16)
    assert page(browser.get("/@bob")).count(more) == 1


def test_a_name_of_invisible_characters_leaves_the_handle_to_click(
    browser: Client, bob: User
) -> None:
    update_profile(user=bob, changes={"name": "\u200b\u3164\u2800"})
    post_tweet(author=bob, text="Here")
    assert '<strong dir="auto">bob</strong>' in page(browser.get("/@bob"))


def test_a_handle_in_another_case_leads_to_the_right_one(browser: Client, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Here")

    assert browser.get("/@BOB/replies?limit=5").headers["Location"] == "/@bob/replies?limit=5"
    assert browser.get(f"/@BoB/{tweet.pk}").headers["Location"] == thread(tweet)
    assert browser.get(f"/@alice/{tweet.pk}").headers["Location"] == thread(tweet)


def test_a_repost_leads_to_the_original(browser: Client, alice: User, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Here")
    mine = repost(user=alice, tweet_id=tweet.pk)

    assert browser.get(f"/@alice/{mine.pk}").headers["Location"] == thread(tweet)


def test_a_private_profile_shows_nothing_to_strangers(browser: Client, bob: User) -> None:
    update_profile(user=bob, changes={"private": True})
    tweet = post_tweet(author=bob, text="Inside")

    shown = page(browser.get("/@bob"))

    assert "This account is private" in shown
    assert "Inside" not in shown
    assert browser.get(thread(tweet)).status_code == 404


def test_the_text_of_a_tweet_is_in_its_language(browser: Client, bob: User) -> None:
    """For screen readers, hyphenation and the choice of a font."""
    post_tweet(author=bob, text="こんにちは", language="ja")
    post_tweet(author=bob, text="Hello")
    shown = page(browser.get("/@bob"))
    assert re.search(r'<div class="tweet-text" dir="auto" lang="ja">\s*こんにちは', shown)
    assert shown.count(' lang="ja"') == 2  # and the name of the language in the footer


def test_lists_of_tweets_are_paged_both_ways(browser: Client, bob: User) -> None:
    for number in range(25):
        post_tweet(author=bob, text=f"Number {number:02}")

    first = page(browser.get("/@bob"))
    assert "Number 24" in first
    assert "Number 04" not in first
    second = page(browser.get(older(first)))
    assert "Number 04" in second
    assert "Number 05" not in second
    assert 'rel="next"' not in second
    assert "Number 24" in page(browser.get(newer(second)))

    response = browser.get(older(first), headers=HTMX)
    assert "Number 04" in page(response)
    assert "<html" not in page(response)
    assert "HX-Request" in response.headers["Vary"]


def test_replies_are_paged(browser: Client, alice: User, bob: User) -> None:
    tweet = post_tweet(author=bob, text="Discuss")
    for number in range(25):
        last = post_tweet(author=alice, text=f"Reply {number:02}", reply_to_id=tweet.pk)
    post_tweet(author=bob, text="An answer to it", reply_to_id=last.pk)

    reply, branch, _ = (
        page(browser.get(thread(tweet)))
        .split("An answer to it")[0]
        .partition('<div class="branch">')
    )
    assert branch
    assert "Reply 24" in reply
    shown = page(browser.get(older(page(browser.get(thread(tweet))))))

    assert "Reply 04" in shown
    assert "Reply 05" not in shown
    assert "Discuss" in shown


def test_a_hashtag_and_everybody(client: Client, alice: User) -> None:
    post_tweet(author=alice, text="Look #Café")
    post_tweet(author=alice, text="Not for everybody #café", visibility="unlisted")

    for path in ("/hashtag/caf%C3%A9", "/hashtag/CAF%C3%89", "/explore"):
        shown = page(client.get(path))
        assert "Look" in shown
        assert "Not for everybody" not in shown
    assert "Nothing here yet" in page(client.get("/hashtag/nobodysaidthis"))


def queries(client: Client, path: str) -> int:
    """How many a page takes, with the suggestions in the cache."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_a_page_takes_as_many_queries_however_long(
    browser: Client, alice: User, bob: User, person: Callable[..., User]
) -> None:
    def write(author: User) -> None:
        tweet = post_tweet(author=author, text="Hello @bob #all")
        answer = post_tweet(author=bob, text="Hello yourself", reply_to_id=tweet.pk)
        post_tweet(author=bob, text="See", quote_of_id=answer.pk)
        repost(user=bob, tweet_id=tweet.pk)
        like(user=bob, tweet_id=answer.pk)

    write(person("first"))
    cache.clear()
    paths = ["/@bob", "/@bob/replies", "/@bob/likes", "/explore", "/hashtag/all"]
    few = {path: queries(browser, path) for path in paths}
    for number in range(6):
        write(person(f"author{number}"))
    many = {path: queries(browser, path) for path in paths}

    assert many == few
    assert max(many.values()) <= 14


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/@bob/5", 404),
        ("/@bob/0", 404),
        (f"/@bob/{2**53 - 1}", 404),
        (f"/@bob/{2**53}", 404),
        ("/@bob/99999999999999999999999", 404),
        ("/@bob/%D9%A1", 404),
        ("/@bob/12%00", 404),
        ("/hashtag/%00", 404),
        ("/hashtag/%ff", 404),
        ("/hashtag/a%20b", 404),
        ("/hashtag/" + "x" * 500, 404),
        ("/@bob?cursor=x", 400),
        ("/@bob/likes?cursor=" + "A" * 3000, 400),
        ("/explore?cursor=YjE&limit=-1", 400),
        ("/explore?cursor=%00", 400),
        ("/explore?limit=101", 400),
        ("/hashtag/a?cursor=", 400),
        ("/explore?cursor=YjE", 200),
        ("/@bob?cursor=YTkyMjMzNzIwMzY4NTQ3NzU4MDc", 200),
    ],
)
def test_nonsense_gets_a_page_that_says_so(
    browser: Client, bob: User, path: str, status: int
) -> None:
    response = browser.get(path)

    assert response.status_code == status
    if status != 200:
        assert f'<p class="error-status">{status}</p>' in page(response)
    assert browser.head(path).status_code == status


def test_too_much_at_once_is_refused(browser: Client) -> None:
    response = browser.post("/compose", {"text": "x" * 2_000_000})

    assert response.status_code == 413
    assert '<p class="error-status">413</p>' in page(response)
