"""Pieces of pages that are remembered: by what they show, with what is new every time filled in."""

import re

import pytest
from django.test import Client

from accounts.models import User
from people import services as people
from tweets.marks import like
from tweets.posting import post_tweet
from web.templating.cached_fragment import CSRF_HOLE, fill, fragment

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="(\w{64})">')


def home(person: User) -> str:
    browser = Client()
    browser.force_login(person)
    return browser.get("/").content.decode()


def test_what_is_filled_in_is_escaped_unless_it_is_safe() -> None:
    shown = fragment("accounts/_invitation.html")
    assert "<section" in shown
    assert fill(f"a{CSRF_HOLE}", {CSRF_HOLE: "<i>"}) == "a&lt;i&gt;"
    assert fill(f"a{CSRF_HOLE}", {CSRF_HOLE: fill("<i>", {})}) == "a<i>"


def test_two_people_in_one_process_never_see_what_is_the_others(alice: User, bob: User) -> None:
    for one, other in ((alice, bob), (bob, alice)):
        people.follow(follower=one, followee=other)
    tweet = post_tweet(author=alice, text="Hello")
    like(user=bob, tweet_id=tweet.pk)

    for _ in range(2):
        for person, mine in ((alice, True), (bob, False)):
            shown = home(person)
            assert f'class="nav-me" href="/@{person.handle}"' in shown
            assert (f"/@alice/{tweet.pk}/delete" in shown) is mine
            assert (f"/@alice/{tweet.pk}/unlike" in shown) is not mine
            assert "\0" not in shown


def test_every_form_has_the_token_of_its_request(alice: User) -> None:
    for number in range(3):
        post_tweet(author=alice, text=f"tweet {number}")
    browser = Client()
    browser.force_login(alice)

    pages = [browser.get("/").content.decode() for _ in range(2)]

    tokens = [TOKEN.findall(shown) for shown in pages]
    for shown, found in zip(pages, tokens, strict=True):
        assert len(set(found)) == 1
        assert len(found) == shown.count('method="post"') >= 5
    assert tokens[0][0] != tokens[1][0]
    keys = [re.findall(r'name="key" value="(\w{32})"', shown) for shown in pages]
    assert [len(found) for found in keys] == [1, 1]
    assert keys[0] != keys[1]


def test_what_is_remembered_changes_with_what_it_shows(alice: User, bob: User) -> None:
    people.follow(follower=alice, followee=bob)
    tweet = post_tweet(author=bob, text="Hello")
    assert 'aria-label="Like (0)"' in home(alice)

    like(user=alice, tweet_id=tweet.pk)
    bob.name = "Bobby <3"
    bob.save()
    alice.name = "Alix"
    alice.save()

    shown = home(alice)
    assert 'aria-pressed="true" aria-label="Like (1)"' in shown
    assert "<strong>Bobby &lt;3</strong>" in shown
    assert "<strong>Alix</strong>" in shown
