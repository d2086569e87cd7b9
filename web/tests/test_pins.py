"""Pins and muted conversations on the site."""

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.pages import page
from tests.helpers.tweets import post
from tweets.models import ConversationMute
from tweets.pins import MAX_PINS, pin

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A client that is signed in as alice."""
    client.force_login(alice)
    return client


def test_a_pinned_tweet_stands_first_on_the_profile(browser: Client, alice: User) -> None:
    old, _ = post(alice, "Old"), post(alice, "New")
    response = browser.post(f"/@alice/{old.pk}/pin", {"next": "/@alice"}, follow=True)
    shown = page(response)
    assert "The tweet is pinned to your profile." in shown
    assert shown.index(f'id="p{old.pk}"') < shown.index("New") < shown.index(f'id="t{old.pk}"')
    assert shown.count(" Pinned</p>") == 1
    assert f'formaction="/@alice/{old.pk}/unpin"' in shown
    assert "Pinned" not in page(browser.get("/@alice/replies"))
    shown = page(browser.post(f"/@alice/{old.pk}/unpin", {"next": "/@alice"}, follow=True))
    assert " Pinned</p>" not in shown


def test_a_mark_in_the_pinned_tweet_keeps_its_place(browser: Client, alice: User) -> None:
    tweet = post(alice)
    response = browser.post(
        f"/@alice/{tweet.pk}/like", {"anchor": f"p{tweet.pk}"}, headers={"HX-Request": "true"}
    )
    assert f'id="actions-p{tweet.pk}"' in page(response)


def test_a_sixth_pin_is_explained(browser: Client, alice: User) -> None:
    for _ in range(MAX_PINS):
        pin(user=alice, tweet_id=post(alice).pk)
    response = browser.post(f"/@alice/{post(alice).pk}/pin", follow=True)
    assert "Unpin one first." in page(response)


def test_a_conversation_is_muted_in_the_menu(browser: Client, bob: User) -> None:
    path = f"/@bob/{post(bob).pk}"
    assert f'formaction="{path}/mute-conversation"' in page(browser.get(path))
    shown = page(browser.post(f"{path}/mute-conversation", follow=True))
    assert "You are no longer told of this conversation." in shown
    assert f'formaction="{path}/unmute-conversation"' in shown
    browser.post(f"{path}/unmute-conversation")
    assert not ConversationMute.objects.exists()
