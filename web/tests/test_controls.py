"""Who may reply and quote, on the site; and quotes that are detached."""

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.pages import page
from tests.helpers.tweets import post, row
from tweets.models import Tweet

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, bob: User) -> Client:
    """A client that is signed in as bob."""
    client.force_login(bob)
    return client


def test_the_composer_limits_replies_and_quotes(browser: Client) -> None:
    typed = {"text": "One", "parts": ["Two"], "visibility": "public"}
    limits = {"replies_from": "nobody", "quotes_from": "followers"}
    assert browser.post("/compose", {**typed, **limits}).status_code == 302
    rules = Tweet.objects.values_list("replies_from", "quotes_from")
    assert list(rules) == [("nobody", "followers")] * 2
    response = browser.post("/compose", {**typed, "replies_from": "friends"})
    assert response.status_code == 400
    assert "not one of the available choices" in page(response)


def test_the_thread_says_who_can_reply_and_offers_no_form_to_others(
    browser: Client, alice: User, bob: User
) -> None:
    closed = post(alice, replies_from="nobody", quotes_from="nobody")
    shown = page(browser.get(f"/@alice/{closed.pk}"))
    assert "Only the author can reply." in shown
    assert 'id="composer"' not in shown
    assert f"quote={closed.pk}" not in shown
    assert "You cannot reply" in page(browser.get(f"/compose?reply_to={closed.pk}"))
    reply = {"text": "x", "visibility": "public", "reply_to_id": str(closed.pk)}
    response = browser.post("/compose", reply)
    assert response.status_code == 403
    assert "limits who may reply" in page(response)
    open_to_bob = post(alice, "@bob", replies_from="mentioned")
    shown = page(browser.get(f"/@alice/{open_to_bob.pk}"))
    assert "People whom the author mentions can reply." in shown
    assert 'id="composer"' in shown
    assert 'name="replies_from"' not in shown  # it is a reply


def test_one_takes_ones_tweet_out_of_a_quote(browser: Client, alice: User, bob: User) -> None:
    mine = post(bob, "Mine")
    quote = post(alice, "Look", quote_of_id=mine.pk)
    menu = page(browser.get(f"/@alice/{quote.pk}"))
    assert f'formaction="/@alice/{quote.pk}/detach"' in menu
    response = browser.post(f"/@alice/{quote.pk}/detach", follow=True)
    assert "The quote no longer shows your tweet." in page(response)
    assert "The quoted tweet is not available." in page(response)
    assert row(mine).quotes_count == 0
    other = post(alice, "Again", quote_of_id=post(alice).pk)
    assert browser.post(f"/@alice/{other.pk}/detach").status_code == 404
