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


def test_what_the_account_chose_is_chosen_in_the_composer(
    browser: Client, alice: User, bob: User
) -> None:
    browser.post("/settings/privacy", {"quotes_from": "nobody"})
    assert User.objects.get(pk=bob.pk).quotes_from == "nobody"
    chosen = '<option value="nobody" selected>Nobody else can quote'
    tweet = post(alice)
    for path in ("/", "/compose", f"/compose?quote={tweet.pk}", f"/@alice/{tweet.pk}"):
        html = page(browser.get(path))
        assert chosen in html, path
        assert '<details class="composer-option" open>' not in html
    browser.post("/compose", {"text": "As always", "visibility": "public"})
    browser.post(
        "/compose", {"text": "Not this", "visibility": "public", "quotes_from": "everyone"}
    )
    rules = dict(Tweet.objects.filter(author=bob).values_list("text", "quotes_from"))
    assert rules == {"As always": "nobody", "Not this": "everyone"}
    again = page(
        browser.post("/compose", {"text": "", "visibility": "x", "quotes_from": "everyone"})
    )
    assert chosen not in again
    browser.post("/settings/privacy", {"quotes_from": "friends"})
    assert User.objects.get(pk=bob.pk).quotes_from == "nobody"


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
