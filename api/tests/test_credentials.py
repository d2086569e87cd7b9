"""E-mail addresses and forgotten passwords through the API."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from pytest_django import Settings

from accounts.models import User
from conftest import PASSWORD
from tests.helpers.api_client import Api
from tests.helpers.smtp import Mailbox, path_in, texts

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
NEW = "a wholly different phrase"
CHANGE = {"email": "alice@example.net", "password": PASSWORD}
STATE = {"email": "alice@example.org", "verified": False, "pending": None}


def test_an_address_is_changed_and_confirmed(alice: User, drain: Drain, mail: Mailbox) -> None:
    api = Api(alice)
    assert api.get("/api/me/email").json() == STATE
    for body, status, error in (
        ({**CHANGE, "password": "wrong"}, 403, "wrong_password"),
        ({**CHANGE, "email": "alice@example.org"}, 409, "same_address"),
        ({**CHANGE, "email": "x"}, 400, "bad_email"),
        ({**CHANGE, "email": None}, 400, "invalid"),
        ({"email": "alice@example.net"}, 400, "invalid"),
    ):
        answer = api.put("/api/me/email", body)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
    for _ in range(2):
        assert api.put("/api/me/email", CHANGE).json() == {**STATE, "pending": "alice@example.net"}
    assert api.delete("/api/me/email").json() == STATE
    api.put("/api/me/email", CHANGE)
    assert api.post("/api/me/email/send").status_code == 204
    drain()
    code = texts(mail.messages[-1])[0].partition("enter this code: ")[2].split()[0]
    confirm = "/api/me/email/confirm"
    for wrong in ("BBBB-BBBB", "ÄÖÜ", "x" * 101, 7):
        assert api.post(confirm, {"code": wrong}).status_code == 400
    confirmed = {"email": "alice@example.net", "verified": True, "pending": None}
    assert api.post(confirm, {"code": code}).json() == confirmed
    assert api.post(confirm, {"code": code}).json()["error"] == "nothing_to_confirm"
    assert api.post("/api/me/email/send").status_code == 409
    for path in ("/api/me/email", "/api/me/email/send", confirm):
        assert Api().post(path, {}).status_code == 401


def test_a_forgotten_password_is_set(alice: User, drain: Drain, mail: Mailbox) -> None:
    api = Api()
    for login in ("alice", "nobody"):
        assert api.post("/api/auth/password", {"login": login}).status_code == 204
    drain()
    token = unquote(path_in(mail.messages[0]).partition("token=")[2])
    weak = api.post("/api/auth/password/set", {"token": token, "password": "password"})
    assert (weak.status_code, weak.json()["error"]) == (400, "weak_password")
    assert weak.json()["fields"]["password"]
    statuses = [
        api.post("/api/auth/password/set", {"token": token, "password": NEW}).status_code
        for _ in range(2)
    ]
    assert statuses == [204, 404]
    assert api.post("/api/auth/token", {"login": "alice", "password": NEW}).status_code == 200


def test_unconfirmed_accounts_can_only_read_where_that_is_so(
    alice: User, settings: Settings
) -> None:
    api = Api(alice)
    assert api.post("/api/tweets", {"text": "hello"}).status_code == 201
    settings.REQUIRE_VERIFIED_EMAIL = "on"
    refused = api.post("/api/tweets", {"text": "hello"})
    assert (refused.status_code, refused.json()["error"]) == (403, "email_not_confirmed")
    assert api.get("/api/timelines/home").status_code == 200
    assert api.patch("/api/me", {"name": "Alice"}).status_code == 200
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert Api(alice).post("/api/tweets", {"text": "hello"}).status_code == 201


def test_too_many_e_mails_have_to_wait(alice: User, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "mail": (1, 3600)}
    api = Api(alice)
    assert api.post("/api/me/email/send").status_code == 204
    limited = api.post("/api/me/email/send")
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 0
