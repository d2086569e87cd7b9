"""Sign-in in two steps through the API."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from accounts import factor_changes
from accounts.models import OutgoingMail, TokenFamily, User
from conftest import PASSWORD
from tests.helpers.api_client import Api
from tests.helpers.authenticator import App, code

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
    assert Api(alice).get("/api/me/factors").json() == off
    App(alice)
    on = Api(alice).get("/api/me/factors").json()
    assert (on["enabled"], on["recovery_codes"]) == (True, 10)
    assert on["app"]["last_used_at"] is None
    assert Api().get("/api/me/factors").status_code == 401


def test_a_suspended_account_stops_at_the_second_step_too(alice: User) -> None:
    app = App(alice)
    challenge = sign_in(**CREDENTIALS).json()["challenge"]
    User.objects.filter(pk=alice.pk).update(suspended_at=alice.created_at)
    assert sign_in(challenge=challenge, code=app.code()).json()["error"] == "suspended"


def test_an_app_is_set_up(alice: User, bob: User) -> None:
    api, password = Api(alice), {"password": PASSWORD}
    path, confirm = "/api/me/factors/app", "/api/me/factors/app/confirm"
    assert api.post("/api/me/factors/recovery-codes", password).status_code == 409
    for body, status, error in (
        ({"password": "wrong"}, 403, "wrong_password"),
        ({"password": 7}, 400, "invalid"),
        ({"password": None}, 400, "invalid"),
        ({}, 400, "invalid"),
        ([], 400, "invalid"),
    ):
        refused = api.post(path, body)
        assert (refused.status_code, refused.json()["error"]) == (status, error), body
    assert Api().post(path, password).status_code == 401
    begun = api.post(path, password).json()
    assert begun["uri"] == f"otpauth://totp/Chirp%3Aalice?secret={begun['secret']}&issuer=Chirp"
    assert not Api(alice).get("/api/me/factors").json()["enabled"]
    good = {"setup": begun["setup"], "code": code(begun["secret"])}
    for change, status, error in (
        ({"code": "000000"}, 400, "wrong_code"),
        ({"code": 123456}, 400, "invalid"),
        ({"code": "1" * 101}, 400, "invalid"),
        ({"setup": "x"}, 400, "bad_setup"),
        ({"setup": begun["setup"][:-1]}, 400, "bad_setup"),
        ({"setup": None}, 400, "invalid"),
    ):
        refused = api.post(confirm, {**good, **change})
        assert (refused.status_code, refused.json()["error"]) == (status, error), change
    assert Api(bob).post(confirm, good).json()["error"] == "bad_setup"
    done = api.post(confirm, good)
    assert (done.status_code, len(done.json()["recovery_codes"])) == (200, 10)
    assert api.post(confirm, good).status_code == 409  # sent again
    assert api.post(path, password).json()["error"] == "code_needed"
    recovery = {"code": done.json()["recovery_codes"][0]}
    assert api.post(path, {**password, **recovery}).status_code == 409
    assert OutgoingMail.objects.filter(text__contains="authenticator app was added").count() == 1


def test_factors_are_removed_and_codes_replaced(alice: User, bob: User) -> None:
    app, api, password = App(alice), Api(alice), {"password": PASSWORD}
    for body in (password, {**password, "code": "000000"}):  # like the site, with both
        refused = api.post("/api/me/factors/recovery-codes", body)
        expected = (400, "code_needed") if body == password else (403, "wrong_code")
        assert (refused.status_code, refused.json()["error"]) == expected
    proof = {**password, "code": app.code()}
    codes = api.post("/api/me/factors/recovery-codes", proof).json()["recovery_codes"]
    assert len(codes) == 10
    assert set(codes).isdisjoint(app.recovery_codes)
    factor_id = api.get("/api/me/factors").json()["app"]["id"]
    path = f"/api/me/factors/{factor_id}/remove"
    assert api.post(path, {"password": "wrong"}).status_code == 403
    assert api.post(path, password).json()["error"] == "code_needed"
    assert Api(bob).post(path, password).status_code == 404
    assert Api().post(path, password).status_code == 401
    for unknown in ("0", "x", "9" * 17, str(int(factor_id) + 1)):  # the last are the codes
        proof = {**password, "code": codes.pop()}
        assert api.post(f"/api/me/factors/{unknown}/remove", proof).status_code == 404
    assert api.post(path, {**password, "code": codes.pop()}).status_code == 204
    assert api.post(path, password).status_code == 404
    assert api.get("/api/me/factors").json()["recovery_codes"] == 0
    kinds = [event.kind for event in alice.security_events.order_by("-pk")[:3]]
    assert kinds == ["factor_removed", "wrong_password", "codes_replaced"]


def test_a_setup_ends_with_the_password_and_after_a_while(alice: User) -> None:
    api = Api(alice)
    begun = api.post("/api/me/factors/app", {"password": PASSWORD}).json()
    good = {"setup": begun["setup"], "code": code(begun["secret"])}
    with patch.object(factor_changes, "VALID", timedelta(seconds=-1)):
        assert api.post("/api/me/factors/app/confirm", good).json()["error"] == "bad_setup"
    User.objects.filter(pk=alice.pk).update(token_version=7)  # as a change of the password does
    alice.refresh_from_db()
    again = Api(alice).post("/api/me/factors/app/confirm", good)
    assert again.json()["error"] == "bad_setup"
