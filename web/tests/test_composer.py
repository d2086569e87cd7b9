"""What the composer offers besides its fields: shared texts, completions, audiences in words."""

import pytest
from django.test import Client

from accounts.models import User
from media.models import Media
from people import services as people
from people.profile import update_profile
from search import hashtags, indexing
from search.people import index_people
from tests.helpers.pages import code_in, page
from tests.helpers.pictures import named, picture
from tweets.posting import post_tweet


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def test_an_app_shares_a_text(browser: Client) -> None:
    shared = {
        "title=A+<page>&text=Read+this&url=https://example.org/": (
            "A &lt;page&gt;\nRead this\nhttps://example.org/</textarea>"
        ),
        # Many apps put the address into the text as well.
        "text=Read+https://example.org/+now&url=https://example.org/": (
            "Read https://example.org/ now</textarea>"
        ),
        "text=a%00b&title=": "ab</textarea>",
        "text=" + "x" * 9000: "x" * 8000 + "</textarea>",
    }
    for query, text in shared.items():
        assert text in page(browser.get(f"/compose?{query}"))
    assert page(Client().get("/compose?text=Hi", follow=True)).count("text%3DHi") == 1


def test_people_and_hashtags_are_completed(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    indexing.index_tweets([post_tweet(author=bob, text="#bobsleigh").pk])
    hashtags.refresh()
    index_people([bob.pk, charlie.pk])
    people.block(blocker=charlie, blocked=alice)
    complete = "/compose/complete?q="
    assert 'data-value="@bob"' in page(browser.get(f"{complete}@bo"))
    assert 'data-value="#bobsleigh"' in page(browser.get(f"{complete}%23bob"))
    for nothing in ("@charlie", "@nobody", "", "%00", "x" * 3000):
        assert "data-value" not in page(browser.get(f"{complete}{nothing}"))
    assert Client().get(f"{complete}@bo").status_code == 302
    assert browser.post("/compose/complete").status_code == 405


def test_the_audience_is_told_in_words(browser: Client, alice: User, bob: User) -> None:
    for path in ("/", "/compose"):
        assert "Everyone sees this." in page(browser.get(path))
    tweet = post_tweet(author=bob, text="Hello")
    assert "Only your followers and @bob see this." in page(
        browser.get(f"/compose?reply_to={tweet.pk}")
    )
    update_profile(user=alice, changes={"private": True})
    for path in ("/", "/compose"):
        html = page(browser.get(path))
        assert "Everyone sees this." not in html
        assert "Only your followers see this." in html


def test_a_file_has_a_focal_point(browser: Client) -> None:
    sent = {"visibility": "public", "file1": named(picture()), "alt1": "Red"}
    for wrong in ("2,0", "x", "0", "nan,0", "0" * 60):
        response = browser.post("/compose", {**sent, "file1": named(picture()), "focus1": wrong})
        assert response.status_code == 400, wrong
        assert 'value="Red"' in page(response)
    assert not Media.objects.exists()

    browser.post("/compose", {**sent, "file1": named(picture()), "focus1": "-0.25,0.7"})
    media = Media.objects.get()
    assert (media.focus_x, media.focus_y) == (-0.25, 0.7)


def test_the_keys_are_a_page_and_a_fragment(client: Client, browser: Client) -> None:
    html = page(Client().get("/help/keys"))
    assert "Keyboard shortcuts" in html
    assert code_in(html) == []
    assert "<html" not in page(browser.get("/help/keys", headers={"HX-Request": "true"}))
