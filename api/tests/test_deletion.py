"""Delete an account through the API, and keep it at the next sign-in."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import SecurityEvent, User
from conftest import PASSWORD
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App
from tests.helpers.smtp import Mailbox, texts
from tests.helpers.threads import at_once
from tests.helpers.tweets import post

LOGIN = {"login": "alice", "password": PASSWORD}


def delete(user: User, **body: Any) -> Any:
    return Api(user).delete("/api/me", {"password": PASSWORD, **body})


def keep(challenge: Any) -> Any:
    return Api().post("/api/auth/keep", {"challenge": challenge})


@pytest.mark.django_db
def test_a_deleted_account_is_hidden_at_once_and_can_be_kept(
    alice: User, bob: User, mail: Mailbox, drain: Any
) -> None:
    Api(bob).put("/api/users/alice/follow")
    path = f"/api/tweets/{post(alice).pk}"
    api = Api(alice)
    answer = delete(alice)
    assert answer.status_code == 200
    due = answer.json()["delete_at"]
    assert api.get("/api/me").status_code == 401
    assert Api(bob).get("/api/users/alice").status_code == 404
    assert Api(bob).get(path).status_code == 404
    drain()
    (message,) = mail.messages
    assert message["Subject"] == "Your account will be deleted"
    assert "you can keep it" in texts(message)[0]

    refused = Api().post("/api/auth/token", LOGIN)
    assert refused.status_code == 403
    body = refused.json()
    assert (body["error"], body["delete_at"]) == ("deletion_pending", due)
    assert User.objects.get(pk=alice.pk).deactivated_at is not None

    kept = keep(body["challenge"])
    assert kept.status_code == 200
    assert Api(access=kept.json()["access"]).get("/api/me").status_code == 200
    assert Api(bob).get(path).status_code == 200
    assert Api().post("/api/auth/token", LOGIN).status_code == 200
    kinds = SecurityEvent.objects.filter(user=alice).values_list("kind", flat=True)
    assert {"deletion_asked", "deletion_kept", "reactivated"} <= set(kinds)


@pytest.mark.django_db
def test_deleting_asks_for_the_password_and_for_a_second_factor(alice: User) -> None:
    for body, status in (
        ({"password": "wrong"}, 403),
        ({"password": None}, 400),
        ({"password": 1}, 400),
        ({}, 400),
        (b"[", 400),
    ):
        assert Api(alice).delete("/api/me", body).status_code == status, body
    assert Api().delete("/api/me", {"password": PASSWORD}).status_code == 401
    app = App(alice)
    missing = delete(alice)
    assert (missing.status_code, missing.json()["error"]) == (400, "code_needed")
    assert delete(alice, code="000000").status_code == 403
    assert User.objects.get(pk=alice.pk).delete_at is None
    assert delete(alice, code=app.code()).status_code == 200


@pytest.mark.django_db
def test_a_challenge_keeps_one_account_once_and_not_too_late(alice: User) -> None:
    delete(alice)
    challenge = Api().post("/api/auth/token", LOGIN).json()["challenge"]
    for bad in ("", "x" * 2000, None, 7):
        assert keep(bad).status_code == 400, bad
    assert keep(challenge[:-1] + "_").status_code == 401
    assert keep(challenge).status_code == 200
    assert keep(challenge).status_code == 401  # it is no second way to sign in
    alice.refresh_from_db()
    delete(alice)
    challenge = Api().post("/api/auth/token", LOGIN).json()["challenge"]
    User.objects.filter(pk=alice.pk).update(delete_at=timezone.now() - timedelta(seconds=1))
    assert keep(challenge).status_code == 401
    assert Api().post("/api/auth/token", LOGIN).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_two_deletions_at_once_one_counts(alice: User) -> None:
    assert at_once([lambda: delete(alice)] * 2) == []
    assert User.objects.get(pk=alice.pk).delete_at is not None
    assert SecurityEvent.objects.filter(user=alice, kind="deletion_asked").count() == 1
