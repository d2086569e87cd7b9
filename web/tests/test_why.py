"""The page that says why a tweet is in home or not, without scripts and with htmx."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from people import services as people
from tests.helpers.pages import HTMX, page
from tweets.marks import repost
from tweets.posting import post_tweet

Drain = Callable[..., int]


@pytest.fixture
def browser(client: Client, bob: User) -> Client:
    """Where bob is signed in."""
    client.force_login(bob)
    return client


def test_each_entry_of_home_leads_to_its_reasons(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=alice)
    theirs = post_tweet(author=charlie, text="News")
    shared = repost(user=alice, tweet_id=theirs.pk)
    drain()
    path = f"/@alice/{shared.pk}/why"
    home = page(browser.get("/"))
    assert "Why is this here?" in home
    assert f'hx-get="{path}"' in home
    assert "Why is this here?" not in page(browser.get("/explore"))

    shown = page(browser.get(path))
    assert "It is in your home." in shown
    assert "@alice, whom you follow, reposted it." in shown
    assert "1 like, repost or answer: × 1.7." in shown
    panel = page(browser.get(path, headers=HTMX))
    assert "It is in your home." in panel
    assert "<html" not in panel

    assert browser.get(f"/@charlie/{shared.pk}/why").headers["Location"] == path
    asked = f"/@charlie/{theirs.pk}"
    assert f'href="{asked}/why"' in page(browser.get(asked))
    told = page(browser.get(f"{asked}/why"))
    assert "It is not in your home." in told
    assert "You do not follow @charlie." in told
    assert "ranked" not in told
    own = post_tweet(author=bob, text="Mine")
    alone = page(browser.get(f"/@bob/{own.pk}/why"))
    assert "Nothing moves it up or down" in alone


def test_a_reason_comes_with_what_one_can_do_about_it(
    browser: Client, alice: User, bob: User
) -> None:
    tweet = post_tweet(author=alice, text="Hello")
    people.follow(follower=bob, followee=alice)
    people.mute(muter=bob, muted=alice)
    path = f"/@alice/{tweet.pk}/why"
    shown = page(browser.get(path))
    assert "You mute @alice." in shown
    assert 'action="/@alice/unmute"' in shown
    after = browser.post("/@alice/unmute", {"next": path}, follow=True)
    assert "It is in your home." in page(after)

    shared = repost(user=alice, tweet_id=post_tweet(author=bob, text="Mine").pk)
    browser.post("/home/reposts")
    shown = page(browser.get(f"/@alice/{shared.pk}/why"))
    assert "You have hidden all reposts for now." in shown
    assert '<input type="hidden" name="show" value="1">' in shown


def test_it_is_only_for_the_signed_in_user_and_visible_tweets(
    client: Client, alice: User, bob: User
) -> None:
    tweet = post_tweet(author=alice, text="Hello")
    path = f"/@alice/{tweet.pk}/why"
    assert client.get(path).headers["Location"].startswith("/login?")
    assert "Is this in my home?" not in page(client.get(f"/@alice/{tweet.pk}"))
    people.block(blocker=alice, blocked=bob)
    client.force_login(bob)
    assert client.get(path).status_code == 404
