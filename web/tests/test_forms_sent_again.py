"""Forms that arrive twice, late or signed out: a repeat is a success, and no word is lost."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conftest import PASSWORD
from tests.helpers.pages import page
from tweets.models import Tweet

pytestmark = pytest.mark.django_db
REGISTRATION = {"handle": "dora", "email": "dora@example.org", "password": PASSWORD}
TEXT = "Half an hour of <b>work</b>\nand a second line"


def who(browser: Client) -> str:
    """The handle of the account that is signed in, or nothing."""
    user_id = browser.session.get("_auth_user_id")
    return User.objects.get(pk=user_id).handle if user_id else ""


def token_in(browser: Client, path: str) -> dict[str, str]:
    """The CSRF token of a form on a page."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page(browser.get(path)))
    assert found
    return {"csrfmiddlewaretoken": found[1]}


def test_a_registration_that_arrives_twice_is_one_account() -> None:
    for browser in (Client(), Client()):  # the second request does not have the session yet
        response = browser.post("/register", REGISTRATION)
        assert (response.status_code, who(browser)) == (302, "dora")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"password": f"{PASSWORD}?"}, {"email": "else@example.org"}, {"handle": "dora2"}]
)
def test_another_registration_with_a_taken_name_is_refused(other: dict[str, str]) -> None:
    Client().post("/register", REGISTRATION)
    browser = Client()
    response = browser.post("/register", {**REGISTRATION, **other})
    assert (response.status_code, who(browser)) == (409, "")


def test_an_old_account_is_not_entered_through_registration(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(created_at="2026-01-02T00:00:00Z")
    again = {"handle": "alice", "email": alice.email, "password": PASSWORD}
    assert Client().post("/register", again).status_code == 409


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_a_form_of_the_time_before_signing_in_is_a_success(alice: User, path: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    token = token_in(browser, "/login")
    sent = {"login": "alice", "password": PASSWORD, **token}
    assert browser.post("/login", sent).status_code == 302
    again = browser.post(path, {**sent, "next": "/explore"})  # back button, and sent again
    assert (again.status_code, again.headers["Location"], who(browser)) == (
        302,
        "/explore",
        "alice",
    )


def draft_in(response: Any) -> str:
    """The text in the composer of a page."""
    found = re.search(r"<textarea[^>]*>\s?(.*?)</textarea>", page(response), re.DOTALL)
    assert found
    return found[1]


def test_a_text_that_is_sent_signed_out_is_there_after_signing_in(alice: User) -> None:
    browser = Client()
    response = browser.post("/compose", {"text": TEXT, "visibility": "unlisted"})
    assert response.headers["Location"] == "/login?next=%2Fcompose"
    sent = {"login": "alice", "password": PASSWORD, "next": "/compose"}
    response = browser.post("/login", sent, follow=True)
    assert draft_in(response).replace("&lt;", "<").replace("&gt;", ">") == TEXT
    assert '<option value="unlisted" selected>' in page(response)
    assert not Tweet.objects.exists()
    assert TEXT not in page(browser.get("/compose"))  # it is shown once


def test_a_text_with_an_expired_token_is_shown_again(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.put("/compose", {"text": "No form"}).status_code == 403
    response = browser.post("/compose", {"text": "Not lost", "reply_to_id": "x"}, follow=True)
    assert draft_in(response) == "Not lost"
    assert "please send it again" in page(response)
    assert not Tweet.objects.exists()
    sent = {"text": "Not lost", "visibility": "public", **token_in(browser, "/compose")}
    assert browser.post("/compose", sent).status_code == 302
    assert Tweet.objects.get().text == "Not lost"
