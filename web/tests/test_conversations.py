"""Messages on the site: direct tweets by conversation."""

import pytest
from django.test import Client

from accounts.models import User
from people import services as people
from tests.helpers.pages import page
from tests.helpers.tweets import post
from tweets.conversations.models import Conversation
from tweets.deleting import delete_tweet
from tweets.models import Tweet

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, bob: User) -> Client:
    """A client that is signed in as bob."""
    client.force_login(bob)
    return client


def direct(author: User, text: str, answers: Tweet | None = None) -> Tweet:
    """Post a direct tweet."""
    return post(author, text, visibility="direct", reply_to_id=answers and answers.pk)


def at(user: User, first: Tweet) -> str:
    """The page of a conversation."""
    return f"/conversations/{Conversation.objects.get(user=user, conversation_id=first.pk).pk}"


def test_opening_a_conversation_reads_it(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    assert "No messages" in page(browser.get("/conversations"))
    root = direct(alice, "@bob @charlie hello")
    shown = page(browser.get("/conversations"))
    assert ">New</span>" in shown
    assert f'href="{at(bob, root)}"' in shown
    shown = page(browser.get(at(bob, root)))
    assert "hello" in shown
    assert "@alice @charlie </textarea>" in shown
    assert 'value="direct" selected' in shown
    assert ">New</span>" not in page(browser.get("/conversations"))


def test_an_answer_goes_to_all_and_comes_back_to_the_page(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    root = direct(alice, "@bob @charlie hello")
    path = at(bob, root)
    typed = {"text": "@alice @charlie hi", "visibility": "direct", "reply_to_id": str(root.pk)}
    response = browser.post("/compose", {**typed, "next": path}, follow=True)
    shown = page(response)
    assert shown.index("hi</div>") < shown.index("hello</div>")
    assert "You: hi" in page(browser.get("/conversations"))


def test_it_is_closed_to_others(browser: Client, alice: User, charlie: User) -> None:
    secret = direct(alice, "@charlie secret")
    assert browser.get(at(alice, secret)).status_code == 404
    assert browser.get("/conversations/0").status_code == 404
    assert "secret" not in page(browser.get("/conversations"))
    assert "/login" in Client().get("/conversations").headers["Location"]
    assert "/login" in Client().get(at(alice, secret)).headers["Location"]


def test_a_warning_stands_for_the_text(browser: Client, alice: User) -> None:
    post(alice, "@bob the ending", visibility="direct", spoiler="Film")
    shown = page(browser.get("/conversations"))
    assert "Film" in shown
    assert "the ending" not in shown


def test_the_navigation_counts_what_is_new(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    def counted() -> str:
        shown = page(browser.get("/bookmarks"))
        number = shown.partition('id="unread-conversations">')[2].partition("<")[0]
        unread = page(browser.get("/conversations")).count(">New</span>")
        assert number == (str(unread) if unread else ""), "as in the list"
        return number

    assert counted() == ""
    first = direct(alice, "@bob hello")
    direct(alice, "@bob again", answers=first)
    second = direct(charlie, "@bob hello")
    direct(alice, "@charlie not for him")
    post(alice, "@bob hello, all")
    assert counted() == "2"
    people.mute(muter=bob, muted=charlie)
    assert counted() == "1"
    people.unmute(muter=bob, muted=charlie)
    people.block(blocker=charlie, blocked=bob)
    assert counted() == "1"
    people.unblock(blocker=charlie, blocked=bob)
    delete_tweet(author=charlie, tweet_id=second.pk)
    assert counted() == "1"
    browser.get(at(bob, first))
    assert counted() == ""
    third = direct(alice, "@bob news", answers=first)
    assert counted() == "1"
    direct(bob, "@alice seen", answers=third)
    assert counted() == ""
    assert 'id="unread-conversations"' not in page(Client().get("/explore"))
