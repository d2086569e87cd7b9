"""The pages of sign-in, settings, as a browser without scripts uses them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import User
from conftest import PASSWORD
from people import services as people
from people.models import Follow
from tests.helpers.pages import page

DORA = {
    "handle": "Dora",
    "name": "Dora Marquez",
    "email": "dora@example.org",
    "password": "a wholly different phrase",
}
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "\thttps://evil.example",
    "evil.example",
    "/" + "x" * 5000,
    "",
]


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def who(client: Client) -> str:
    """Who is signed in, by their own profile in the navigation."""
    shown = page(client.get("/explore"))
    return shown.partition('class="nav-me" href="/@')[2].partition('"')[0]


# --- Coming in --------------------------------------------------------------------------------


def test_it_signs_up_and_in(client: Client, db: None) -> None:
    response = client.post("/register", DORA, follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert "Welcome to Chirp, Dora Marquez." in page(response)
    assert who(client) == "Dora"


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"handle": "ALICE"}, 409, "This handle is taken."),
        ({"handle": "admin"}, 400, "reserved"),
        ({"handle": "dóra"}, 400, "letters (a to z)"),
        ({"handle": "d\x00ra"}, 400, "Null characters"),
        ({"handle": ""}, 400, "required"),
        ({"email": "alice@EXAMPLE.org"}, 409, "There is an account with this e-mail address."),
        ({"email": "nowhere"}, 400, "not an e-mail address"),
        ({"password": "12345678"}, 400, "too common"),
        ({"password": "dora@example.org"}, 400, "too similar"),
        ({"name": "x" * 51}, 400, "At most 50 characters"),
        ({"name": "x" * 999}, 400, "at most 200 characters"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(
    client: Client, alice: User, changed: dict[str, str], status: int, said: str
) -> None:
    response = client.post("/register", DORA | changed)

    assert response.status_code == status
    assert said in page(response)
    (field,) = changed
    error = page(response).partition(f'id="id_{field}_error"')[2].partition("</ul>")[0]
    assert said in error
    if field != "name":
        assert 'value="Dora Marquez"' in page(response)
    assert DORA["password"] not in page(response)
    assert not User.objects.filter(email="dora@example.org").exists()


@pytest.mark.parametrize("login", ["alice", "ALICE", "@alice", "Alice@Example.org"])
def test_it_signs_in_by_handle_or_address(client: Client, alice: User, login: str) -> None:
    response = client.post("/login", {"login": login, "password": PASSWORD})

    assert response.headers["Location"] == "/"
    assert who(client) == "alice"


@pytest.mark.parametrize(
    "data",
    [
        {"login": "alice", "password": "wrong"},
        {"login": "nobody", "password": PASSWORD},
        {"login": "\ud800".encode("utf-8", "replace").decode(), "password": PASSWORD},
    ],
)
def test_it_refuses_wrong_credentials_alike(
    client: Client, alice: User, data: dict[str, str]
) -> None:
    response = client.post("/login", data)

    assert response.status_code == 401
    assert "Wrong handle, e-mail address or password." in page(response)
    assert who(client) == ""


def test_it_brings_deactivated_people_back(client: Client, alice: User) -> None:
    services.deactivate(user=alice, password=PASSWORD, now=timezone.now())

    client.post("/login", {"login": "alice", "password": PASSWORD})

    assert who(client) == "alice"
    assert client.get("/@alice").status_code == 200


def test_it_tells_suspended_people(client: Client, alice: User, bob: User) -> None:
    services.suspend(user=alice, by=bob, now=timezone.now())

    response = client.post("/login", {"login": "alice", "password": PASSWORD})

    assert response.headers["Location"] == "/settings/strikes"
    assert "Your account is suspended" in page(client.get("/settings/strikes"))


def test_a_suspension_ends_the_session(browser: Client, alice: User, bob: User) -> None:
    services.suspend(user=alice, by=bob, now=timezone.now())

    assert browser.get("/settings").headers["Location"] == "/login?next=%2Fsettings"


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_it_keeps_people_who_are_in_away_from_the_doors(browser: Client, path: str) -> None:
    assert browser.get(path).headers["Location"] == "/"
    assert browser.post(path, DORA).headers["Location"] == "/"
    assert not User.objects.filter(handle="Dora").exists()


def test_it_goes_on_to_where_one_wanted(client: Client, alice: User) -> None:
    response = client.get("/settings/password")
    assert response.headers["Location"] == "/login?next=%2Fsettings%2Fpassword"

    shown = page(client.get(response.headers["Location"]))
    assert 'name="next" value="/settings/password"' in shown

    data = {"login": "alice", "password": PASSWORD, "next": "/settings/password"}
    assert client.post("/login", data).headers["Location"] == "/settings/password"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_it_never_leads_away_from_the_site(client: Client, alice: User, target: str) -> None:
    data = {"login": "alice", "password": PASSWORD, "next": target}

    assert client.post("/login", data).headers["Location"] == "/"


def test_a_next_with_line_breaks_is_one_line(client: Client, alice: User) -> None:
    data = {"login": "alice", "password": PASSWORD, "next": "/x\r\nSet-Cookie: a=b\x00"}

    location = client.post("/login", data).headers["Location"]

    assert location in ("/", "/x%0D%0ASet-Cookie:%20a=b%00")


def test_it_signs_out_by_a_form_only(browser: Client) -> None:
    refused = browser.get("/logout")
    assert refused.status_code == 405
    assert "only takes forms" in page(refused)
    assert who(browser) == "alice"

    assert browser.post("/logout").headers["Location"] == "/"
    assert who(browser) == ""


def test_too_many_tries_are_told_to_wait(client: Client, alice: User, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_in": (1, 300)}
    data = {"login": "alice", "password": "wrong"}
    client.post("/login", data)

    response = client.post("/login", data | {"password": PASSWORD})

    assert response.status_code == 429
    assert "Please wait a little." in page(response)
    assert 'value="alice"' in page(response)
    assert who(client) == ""


def test_a_form_without_its_token_changes_nothing(alice: User) -> None:
    careful = Client(enforce_csrf_checks=True)

    response = careful.post("/login", {"login": "alice", "password": PASSWORD})

    assert response.status_code == 403
    assert "This form has expired" in page(response)
    assert who(careful) == ""


def test_a_form_with_its_token_works(alice: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    shown = page(careful.get("/login"))
    token = shown.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

    data = {"login": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert careful.post("/login", data).status_code == 302


# --- Settings ---------------------------------------------------------------------------------


def test_it_changes_the_profile(browser: Client, alice: User) -> None:
    changes = {"name": "Alice L.", "bio": "Down\r\nthere", "place": "Oxford", "link": ""}

    response = browser.post("/settings/profile", changes, follow=True)

    assert "Saved." in page(response)
    alice.refresh_from_db()
    assert (alice.name, alice.bio, alice.place) == ("Alice L.", "Down\nthere", "Oxford")
    assert not alice.private


def test_it_keeps_a_profile_that_is_not_right_yet(browser: Client, alice: User) -> None:
    response = browser.post("/settings/profile", {"name": "New", "link": "javascript:alert(1)"})

    assert response.status_code == 400
    assert "must start with http" in page(response)
    assert 'value="New"' in page(response)
    alice.refresh_from_db()
    assert alice.name == ""


def test_it_makes_the_account_private_and_lets_people_in(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    browser.post("/settings/privacy", {"private": "on", "quotes_from": "everyone"})
    alice.refresh_from_db()
    people.follow(follower=bob, followee=alice)
    people.follow(follower=charlie, followee=alice)

    shown = page(browser.get("/settings/requests"))
    assert "@bob" in shown
    assert "@charlie" in shown
    there = {"next": "/settings/requests"}
    assert browser.post("/@bob/accept", there).headers["Location"] == "/settings/requests"
    browser.post("/@charlie/reject", there)

    assert list(Follow.objects.exclude(since_id=None).values_list("follower__handle")) == [("bob",)]
    assert "No requests" in page(browser.get("/settings/requests"))


def test_it_changes_the_password_and_stays_signed_in(browser: Client, alice: User) -> None:
    other = Client()
    other.force_login(alice)

    data = {"old": PASSWORD, "new": "another good phrase"}
    response = browser.post("/settings/password", data, follow=True)

    assert "The password is changed." in page(response)
    assert who(browser) == "alice"
    assert who(other) == ""
    alice.refresh_from_db()
    assert alice.check_password("another good phrase")


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        ({"old": "wrong", "new": "another good phrase"}, 403, "The password is wrong."),
        ({"old": PASSWORD, "new": "password"}, 400, "too common"),
        ({"old": PASSWORD, "new": "x\x00" * 9}, 400, "Null characters"),
    ],
)
def test_it_refuses_a_password(
    browser: Client, data: dict[str, str], status: int, said: str
) -> None:
    response = browser.post("/settings/password", data)

    assert response.status_code == status
    assert said in page(response)


def test_it_deactivates_with_the_password(browser: Client) -> None:
    wrong = browser.post("/settings/account", {"password": "wrong"})
    assert wrong.status_code == 403
    assert "The password is wrong." in page(wrong)

    response = browser.post("/settings/account", {"password": PASSWORD}, follow=True)

    assert "Log in to have it back." in page(response)
    assert who(browser) == ""
    assert browser.get("/@alice").status_code == 404


@pytest.mark.parametrize("path", ["/settings/profile", "/settings/password", "/settings/account"])
def test_settings_are_for_people_who_are_in(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 302
    assert client.post(path, {"password": PASSWORD}).status_code == 302


def test_the_focus_goes_to_the_first_field_at_fault(browser: Client) -> None:
    assert "autofocus" not in page(browser.get("/settings/password"))
    for sent, field in (
        ({"old": "wrong", "new": "another good phrase"}, "old"),
        ({"old": PASSWORD, "new": "password"}, "new"),
        ({}, "old"),
    ):
        html = page(browser.post("/settings/password", sent))
        (focused,) = [part for part in html.split("<input") if " autofocus" in part]
        assert f'name="{field}"' in focused
