"""Sign-in in two steps through the API."""

from typing import Any

import pytest

from accounts.models import TokenFamily, User
from conftest import PASSWORD
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App

pytestmark = pytest.mark.django_db
CREDENTIALS = {"login": "alice", "password": PASSWORD}


def sign_in(**body: Any) -> Any:
    """The answer to a step of a sign-in."""
    return Api().post("/api/auth/token", body)


def test_a_second_factor_makes_it_two_steps(alice: User) -> None:
    app = App(alice)
    first = sign_in(**CREDENTIALS)
    assert (first.status_code, first.json()["error"]) == (403, "mfa_required")
    assert not TokenFamily.objects.exists()
    challenge = first.json()["challenge"]
    for body, status, error in (
        ({"code": "000000"}, 401, "wrong_code"),
        ({"code": app.code(), "challenge": "x"}, 401, "bad_challenge"),
        ({"code": None}, 400, "invalid"),
        ({}, 400, "invalid"),
        ({"code": app.code(), "challenge": 7}, 400, "invalid"),
    ):
        answer = sign_in(**{"challenge": challenge, **body})
        assert (answer.status_code, answer.json()["error"]) == (status, error), body
    second = sign_in(challenge=challenge, code=app.code())
    assert Api(access=second.json()["access"]).get("/api/me").status_code == 200
    assert sign_in(challenge=challenge, code=app.code()).status_code == 401
    assert sign_in(challenge=challenge, code=app.recovery_codes[3]).status_code == 200
    assert sign_in(**{**CREDENTIALS, "password": "wrong"}).json()["error"] == "bad_credentials"


def test_it_tells_which_factors_there_are(alice: User) -> None:
    off: dict[str, Any] = {"enabled": False, "app": None, "passkeys": [], "recovery_codes": 0}
    assert Api(alice).get("/api/me/two-step").json() == off
    App(alice)
    on = Api(alice).get("/api/me/two-step").json()
    assert (on["enabled"], on["recovery_codes"]) == (True, 10)
    assert on["app"]["last_used_at"] is None
    assert Api().get("/api/me/two-step").status_code == 401


def test_a_suspended_account_stops_at_the_second_step_too(alice: User) -> None:
    app = App(alice)
    challenge = sign_in(**CREDENTIALS).json()["challenge"]
    User.objects.filter(pk=alice.pk).update(suspended_at=alice.created_at)
    assert sign_in(challenge=challenge, code=app.code()).json()["error"] == "suspended"
