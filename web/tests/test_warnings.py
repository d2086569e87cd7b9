"""Content warnings, and who will see a reply."""

import re

import pytest
from django.test import Client

from accounts.models import User
from people import services as people
from tests.helpers.pages import page
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A client that is signed in as alice."""
    client.force_login(alice)
    return client


def test_a_warning_covers_what_the_tweet_quotes(browser: Client, bob: User) -> None:
    quoted = post_tweet(author=bob, text="The ending")
    post_tweet(author=bob, text="Look", quote_of_id=quoted.pk, spoiler="Film")
    found = page(browser.get("/@bob"))
    (covered,) = re.findall(r'<details class="warned">.*?</details>', found, re.DOTALL)
    assert "Look" in covered
    assert "The ending" in covered
    assert found.count("The ending") == 2  # and once on its own


def test_the_composer_shows_a_quoted_tweet_below_its_warning(browser: Client, bob: User) -> None:
    quoted = post_tweet(author=bob, text="The ending", spoiler="Film")
    found = page(browser.get(f"/compose?quote={quoted.pk}"))
    (covered,) = re.findall(r'<details class="warned">.*?</details>', found, re.DOTALL)
    assert "<summary><bdi>Film</bdi>" in covered
    assert "The ending" in covered
    assert found.count("The ending") == 1


def test_a_reply_takes_over_the_warning(browser: Client, bob: User) -> None:
    tweet = post_tweet(author=bob, text="The ending", spoiler="Film & book")
    assert 'value="Film &amp; book"' in page(browser.get(f"/compose?reply_to={tweet.pk}"))


def test_a_reply_says_whom_it_reaches(browser: Client, alice: User, bob: User) -> None:
    people.follow(follower=alice, followee=bob)
    tweet = post_tweet(author=bob, text="For few", visibility="followers")
    found = page(browser.get(f"/compose?reply_to={tweet.pk}"))
    assert '<option value="followers" selected>Followers and @bob</option>' in found
    own = post_tweet(author=alice, text="Mine", visibility="followers")
    assert ">Followers</option>" in page(browser.get(f"/compose?reply_to={own.pk}"))
