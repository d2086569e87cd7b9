"""Sign-in in two steps, and its settings, as a browser without scripts uses them."""

import re
from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from accounts.models import SecurityEvent, User
from conftest import PASSWORD
from tests.helpers.admin import act, browser
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App, code
from tests.helpers.pages import code_in, page
from tests.helpers.threads import Job, at_once

pytestmark = pytest.mark.django_db
CREDENTIALS = {"login": "alice", "password": PASSWORD}
SECRET = re.compile(r'secret-text">([A-Z2-7]{32})<')


def signed_in(**more: str) -> Client:
    """A browser where alice has entered her password, and some code if there is one."""
    client = Client()
    client.post("/login", CREDENTIALS)
    if more:
        client.post("/login/code", more)
    return client


def is_in(client: Client) -> bool:
    """Whether somebody is signed in."""
    return client.get("/settings").status_code == 200


def test_an_app_is_set_up_and_asked_for_at_sign_in(alice: User) -> None:
    client = signed_in()
    html = page(client.get("/settings/two-step/app"))
    (secret,) = SECRET.findall(html)
    assert 'src="data:image/svg+xml;base64,' in html
    assert f"secret={secret}" in html
    assert code_in(html) == []
    for wrong in ("000000", "ÄÖ", "", "x" * 101):
        response = client.post("/settings/two-step/app", {"code": wrong})
        assert response.status_code == 400
        assert secret in page(response)
    shown = page(client.post("/settings/two-step/app", {"code": f" {code(secret)} "}, follow=True))
    codes = re.findall(r"<code>(\d{4}-\d{4})</code>", shown)
    assert len(codes) == 10
    assert client.get("/settings/two-step/codes").status_code == 302  # shown once
    assert "10 left" in page(client.get("/settings/two-step"))
    # A second tab, where the app was being set up too.
    again = client.post("/settings/two-step/app", {"code": code(secret, steps=1)})
    assert again.status_code == 409
    assert [event.kind for event in alice.security_events.order_by("-pk")[:1]] == ["app_added"]

    second = Client()
    response = second.post("/login", {**CREDENTIALS, "next": "/explore"})
    assert response.headers["Location"] == "/login/code?next=%2Fexplore"
    assert not is_in(second)
    assert second.post("/login/code", {"code": code(secret)}).status_code == 401  # used at set-up
    wrong_code = second.post("/login/code", {"code": "123"})
    assert "This code is not right" in page(wrong_code)
    data = {"code": code(secret, steps=1), "next": "/explore"}
    assert second.post("/login/code", data).headers["Location"] == "/explore"
    assert is_in(second)


def test_a_recovery_code_signs_in_once(alice: User) -> None:
    codes = App(alice).recovery_codes
    assert is_in(signed_in(code=f"{codes[0][:4]}-{codes[0][4:]}"))
    assert not is_in(signed_in(code=codes[0]))
    client = signed_in(code=codes[1])
    assert "8 left" in page(client.get("/settings/two-step"))
    shown = page(client.post("/settings/two-step/new-codes", follow=True))
    assert len(set(re.findall(r"<code>(\d{4}-\d{4})</code>", shown))) == 10
    assert not is_in(signed_in(code=codes[2]))


def test_the_second_step_needs_the_first(alice: User) -> None:
    app = App(alice)
    stranger = Client()
    assert stranger.get("/login/code").headers["Location"] == "/login"
    assert stranger.post("/login/code", {"code": app.code()}).headers["Location"] == "/login"
    client = signed_in()
    User.objects.filter(pk=alice.pk).update(token_version=7)  # as a change of the password does
    assert client.post("/login/code", {"code": app.code()}).headers["Location"] == "/login"
    assert not Client().login(username="alice", password=PASSWORD)  # Django's own way


def test_changes_need_the_password_again_after_a_while(alice: User, bob: User) -> None:
    App(alice)
    (app, codes) = Authenticator.objects.order_by("pk")
    client = Client()
    client.force_login(alice)
    remove = f"/settings/two-step/{app.pk}/remove"
    for path in (remove, "/settings/two-step/new-codes", "/settings/two-step/app"):
        assert client.post(path).headers["Location"].startswith("/settings/confirm?next=")
    assert client.post("/settings/confirm", {"password": "wrong"}).status_code == 403
    back = {"password": PASSWORD, "next": "/settings/two-step"}
    assert client.post("/settings/confirm", back).headers["Location"] == "/settings/two-step"

    others = Client()
    others.post("/login", {"login": "bob", "password": PASSWORD})
    assert others.post(remove).status_code == 404
    assert others.post("/settings/two-step/new-codes").status_code == 409
    assert client.post(f"/settings/two-step/{codes.pk}/remove").status_code == 404
    assert client.post(remove).status_code == 302
    assert not Authenticator.objects.exists()
    assert is_in(signed_in())


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_used_twice_at_once_counts_once(alice: User) -> None:
    app = App(alice)
    for given in (app.code(), app.recovery_codes[0]):
        clients = [signed_in() for _ in range(3)]
        jobs: list[Job] = [
            partial(client.post, "/login/code", {"code": given}) for client in clients
        ]
        assert not at_once(jobs)
        assert sum(is_in(client) for client in clients) == 1


def test_operators_remove_lost_factors(alice: User, bob: User) -> None:
    App(alice)
    assert act(browser(bob, superuser=True), "remove_factors", [alice]) == [
        "Second factors removed: 1."
    ]
    assert is_in(signed_in())
    assert alice.security_events.filter(kind="factors_reset").count() == 1


def test_staff_may_have_to_use_a_second_step(alice: User, settings: Settings) -> None:
    client = browser(alice, superuser=True)
    assert client.get("/admin/").status_code == 200
    settings.REQUIRE_STAFF_MFA = True
    redirected = client.get("/admin/", follow=True)
    assert redirected.redirect_chain[-1][0] == "/settings/two-step"
    assert "asks staff for a second step" in page(redirected)
    assert client.get("/admin/operations/live/").status_code == 302
    App(alice)
    assert client.get("/admin/").status_code == 200


def test_wrong_codes_are_logged_and_delayed(alice: User) -> None:
    App(alice)
    client = signed_in()
    statuses = [client.post("/login/code", {"code": "0"}).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert SecurityEvent.objects.filter(kind="wrong_code").count() == 5


def test_a_password_alone_leads_to_no_strikes(alice: User) -> None:
    """Of an account that is suspended and has a second factor: whoever stole it cannot appeal."""
    app = App(alice)
    User.objects.filter(pk=alice.pk).update(suspended_at=alice.created_at)
    client = Client()
    assert client.post("/login", CREDENTIALS).headers["Location"].startswith("/login/code")
    assert client.post("/login/code", {"code": "000000"}).status_code == 401
    assert client.get("/settings/strikes").status_code == 302
    answer = client.post("/login/code", {"code": app.code()})
    assert answer.headers["Location"] == "/settings/strikes"
    assert client.get("/settings/strikes").status_code == 200
    assert not is_in(client)
    first = Api().post("/api/auth/token", CREDENTIALS).json()
    assert first["error"] == "mfa_required"
    (recovery_code, *_) = app.recovery_codes
    sent = {"challenge": first["challenge"], "code": recovery_code}
    assert Api().post("/api/auth/token", sent).json()["error"] == "suspended"
