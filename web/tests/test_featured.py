"""Hashtags and people on a profile, on the site."""

import pytest
from django.test import Client

from accounts.models import User
from lists.featured_hashtags import MAX_FEATURED, feature_hashtag
from people.featured import feature
from people.profile import update_profile
from people.services import block, follow
from tests.helpers.pages import page
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
SETTINGS = "/settings/featured"


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client


def test_hashtags_are_added_and_removed(browser: Client, alice: User) -> None:
    post_tweet(author=alice, text="#bees")
    assert "#bees" in page(browser.get(SETTINGS))
    browser.post("/hashtag/bees/feature")
    for given in ("#Garden", "garden"):
        assert browser.post(SETTINGS, {"tag": given}).status_code == 302
    shown = page(browser.get("/@alice"))
    assert "#garden" in shown
    assert 'href="/search?q=from%3Aalice%20%23bees"' in shown
    browser.post("/hashtag/garden/unfeature")
    browser.get(SETTINGS)  # shows the notice
    assert "#garden" not in page(browser.get("/@alice"))


def test_what_is_no_hashtag_is_refused(browser: Client, alice: User) -> None:
    for given in ("", "#", "two words", "-", "x" * 300, "\0"):
        refused = browser.post(SETTINGS, {"tag": given})
        assert refused.status_code == 400, given
        assert "error" in page(refused)
    for number in range(MAX_FEATURED):
        feature_hashtag(user=alice, tag=f"tag{number}")
    refused = browser.post(SETTINGS, {"tag": "more"})
    assert refused.status_code == 409
    assert "Remove one first." in page(refused)
    assert 'name="tag"' not in page(browser.get(SETTINGS))


def test_people_are_added_and_removed(browser: Client, alice: User, bob: User) -> None:
    assert "/@bob/feature" not in page(browser.get("/@bob"))
    follow(follower=alice, followee=bob)
    assert "/@bob/feature" in page(browser.get("/@bob"))
    browser.post("/@bob/feature")
    assert "/@bob/unfeature" in page(browser.get("/@bob"))
    assert "/@bob/unfeature" in page(browser.get(SETTINGS))
    assert "profile-people" in page(Client().get("/@alice"))
    browser.post("/@bob/unfeature")
    assert "profile-people" not in page(Client().get("/@alice"))


def test_who_may_not_see_them_does_not(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    follow(follower=bob, followee=charlie)
    feature(user=bob, person=charlie)
    feature_hashtag(user=bob, tag="bees")
    assert "profile-featured" in page(browser.get("/@bob"))
    block(blocker=bob, blocked=alice)
    assert "profile-featured" not in page(browser.get("/@bob"))
    update_profile(user=bob, changes={"private": True})
    assert "profile-featured" not in page(Client().get("/@bob"))
