"""Writing a thread in the composer, without scripts."""

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.pages import page
from tweets.models import Tweet
from tweets.threads import MAX_TWEETS

pytestmark = pytest.mark.django_db
PUBLIC = {"visibility": "public"}


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A client that is signed in as alice."""
    client.force_login(alice)
    return client


def test_a_part_is_added_and_nothing_is_posted_yet(browser: Client) -> None:
    typed = {"text": "One", "parts": ["Two"], "spoiler": "Long", "visibility": "followers"}
    response = browser.post("/compose", {**typed, "add_part": "1", "next": "/@alice"})
    shown = page(response)
    assert response.status_code == 200
    assert shown.count('name="parts"') == 2
    assert "Two</textarea>" in shown
    assert "One</textarea>" in shown
    assert 'value="Long"' in shown
    assert 'value="followers" selected' in shown
    assert 'name="next" value="/@alice"' in shown
    assert not Tweet.objects.exists()


def test_it_posts_the_thread_and_leaves_out_empty_parts(browser: Client) -> None:
    typed = {"text": "One", "parts": ["", "Two", " \n "], "spoiler": "Long", **PUBLIC}
    assert browser.post("/compose", {**typed, "key": "k"}).status_code == 302
    assert browser.post("/compose", {**typed, "key": "k"}).status_code == 302
    one, two = Tweet.objects.order_by("pk")
    assert (two.reply_to_id, two.text, two.spoiler) == (one.pk, "Two", "Long")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "", "parts": ["Two"]}, "Write something"),
        ({"text": "One", "parts": ["Two", "x" * 501]}, "Tweet 3: "),
        ({"text": "One", "parts": ["x" * 8001]}, "at most 8000 characters"),
        ({"text": "One", "parts": ["x"] * MAX_TWEETS}, "At most 24 of these."),
    ],
)
def test_a_refused_thread_is_shown_again(
    browser: Client, typed: dict[str, object], said: str
) -> None:
    response = browser.post("/compose", {**typed, **PUBLIC})
    assert response.status_code == 400
    assert said in page(response)
    assert page(response).count('name="parts"') == len(typed["parts"])  # type: ignore[arg-type]
    assert not Tweet.objects.exists()


def test_the_parts_survive_signing_in(client: Client, alice: User) -> None:
    client.post("/compose", {"text": "One", "parts": ["Two", "Three"], **PUBLIC})
    client.force_login(alice)
    assert "Three</textarea>" in page(client.get("/compose"))


def test_the_parts_of_a_direct_thread_are_for_the_same_people(
    browser: Client, bob: User, charlie: User
) -> None:
    typed = {"text": "@bob and @Charlie one", "visibility": "direct"}
    shown = page(browser.post("/compose", {**typed, "add_part": "1"}))
    assert "@bob @charlie </textarea>" in shown
    parts = ["@bob @charlie two", "@bob @charlie "]  # the last as it was offered
    assert browser.post("/compose", {**typed, "parts": parts}).status_code == 302
    assert [tweet.text for tweet in Tweet.objects.order_by("pk")] == [typed["text"], parts[0]]
