"""Deleting an account in the settings, and the choice to keep it, without scripts."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conftest import PASSWORD
from tests.helpers.authenticator import App
from tests.helpers.pages import page

pytestmark = pytest.mark.django_db
CREDENTIALS = {"login": "alice", "password": PASSWORD}
PATH = "/settings/account/delete"


def signed_in() -> Client:
    client = Client()
    client.post("/login", CREDENTIALS)
    return client


def test_an_account_is_deleted_by_its_handle_and_kept_at_the_next_sign_in(alice: User) -> None:
    client = signed_in()
    assert PATH in page(client.get("/settings/account"))
    for wrong in ("bob", "", "x" * 101):
        response = client.post(PATH, {"handle": wrong})
        assert response.status_code == 400, wrong
    assert 'value="bob"' in page(client.post(PATH, {"handle": "bob"}))
    assert "will be deleted on" in page(client.post(PATH, {"handle": " @Alice"}, follow=True))
    assert client.get("/settings").status_code == 302
    assert client.get("/@alice").status_code == 404

    back = Client()
    assert not back.login(username="alice", password=PASSWORD)
    choice = back.post("/login", CREDENTIALS, follow=True)
    assert choice.redirect_chain[-1][0] == "/login/keep"
    assert "Keep my account" in page(choice)
    assert User.objects.get(pk=alice.pk).delete_at is not None
    assert "Your account stays." in page(back.post("/login/keep", follow=True))
    assert back.get("/settings").status_code == 200
    assert back.get("/login/keep").status_code == 302
    row = User.objects.get(pk=alice.pk)
    assert (row.delete_at, row.deactivated_at) == (None, None)


def test_it_asks_again_who_it_is(alice: User) -> None:
    client = signed_in()
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    response = client.post(PATH, {"handle": "alice"})
    assert response.headers["Location"].startswith("/settings/confirm")
    assert User.objects.get(pk=alice.pk).delete_at is None
    assert Client().get(PATH).status_code == 302


def test_the_choice_comes_after_the_second_step_and_before_it_is_too_late(alice: User) -> None:
    app = App(alice)
    later = timezone.now() + timedelta(days=3)
    User.objects.filter(pk=alice.pk).update(delete_at=later, deactivated_at=timezone.now())
    client = Client()
    assert client.post("/login", CREDENTIALS).headers["Location"].startswith("/login/code")
    assert client.post("/login/code", {"code": app.code()}).headers["Location"] == "/login/keep"
    User.objects.filter(pk=alice.pk).update(delete_at=timezone.now())
    assert client.post("/login/keep").status_code == 401
    assert Client().get("/login/keep", follow=True).redirect_chain[-1][0] == "/login"
