"""The signed-in user's account: profile, password, deactivation and reactivation."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import creation, services, tokens
from accounts.models import IdempotentRequest, TokenFamily, User
from accounts.tasks import forget_expired
from conftest import PASSWORD
from tests.helpers.api_client import Api

pytestmark = pytest.mark.django_db


def test_only_the_given_fields_of_a_profile_change(alice: User) -> None:
    api = Api(alice)
    api.patch("/api/me", {"name": "Alice", "bio": "One\r\ntwo", "place": "Here"})
    answer = api.patch("/api/me", {"link": " https://example.org/a?b=c "})
    assert answer.status_code == 200
    me = answer.json()
    assert (me["name"], me["bio"], me["place"]) == ("Alice", "One\ntwo", "Here")
    assert me["link"] == "https://example.org/a?b=c"
    assert me == api.get("/api/me").json()


def test_each_text_of_a_profile_can_be_cleared(alice: User) -> None:
    api = Api(alice)
    full = {"name": "A", "bio": "b", "place": "p", "link": "http://a.example"}
    assert api.patch("/api/me", full).status_code == 200
    cleared = api.patch("/api/me", dict.fromkeys(full, "")).json()
    assert [cleared[field] for field in full] == [""] * 4


def test_reposts_are_hidden_until_a_time(alice: User) -> None:
    api = Api(alice)
    assert api.get("/api/me").json()["reposts_hidden_until"] is None
    for time in ("2060-01-31T12:00:00.000Z", None):
        changed = api.patch("/api/me", {"reposts_hidden_until": time})
        assert changed.json() == api.get("/api/me").json()
        assert changed.json()["reposts_hidden_until"] == time


def test_the_time_zone_is_one_that_exists(alice: User) -> None:
    api = Api(alice)
    for name in ("America/Argentina/Buenos_Aires", ""):
        assert api.patch("/api/me", {"time_zone": name}).json()["time_zone"] == name
    for wrong in ("Mars", "../etc", "europe/berlin", "x" * 65, None, 3, ["UTC"]):
        refused = api.patch("/api/me", {"time_zone": wrong})
        assert refused.status_code == 400, wrong
        assert "time_zone" in refused.content.decode()
    assert "time_zone" not in Api(alice).get("/api/users/alice").json()


def test_how_pages_look_is_chosen_or_left_open(alice: User) -> None:
    api = Api(alice)
    chosen = {"theme": "dark", "contrast": "more", "text_size": "larger", "motion": "less"}
    assert chosen.items() <= api.patch("/api/me", chosen).json().items()
    assert api.patch("/api/me", {"theme": ""}).json()["theme"] == ""
    assert api.get("/api/me").json()["contrast"] == "more"
    for name in chosen:
        for wrong in ("purple", "DARK", " ", None, 1, True, ["dark"], {"dark": 1}):
            refused = api.patch("/api/me", {name: wrong})
            assert refused.status_code == 400, (name, wrong)
            assert name in refused.content.decode()
    assert "theme" not in Api(alice).get("/api/users/alice").json()


def test_fields_outside_the_profile_are_ignored(alice: User) -> None:
    body = {"handle": "root", "email": "x@example.org", "is_staff": True, "followers_count": 9}
    assert Api(alice).patch("/api/me", body).status_code == 200
    before = (alice.handle, alice.email, False, 0)
    alice.refresh_from_db()
    assert (alice.handle, alice.email, alice.is_staff, alice.followers_count) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reposts_hidden_until", "tomorrow"),
        ("reposts_hidden_until", "2060-01-31T12:00:00"),
        ("reposts_hidden_until", 1),
        ("reposts_hidden_until", "0001-01-01T00:00:00+14:00"),
        ("name", "n" * 51),
        ("name", 7),
        ("name", None),
        ("name", "a\tb"),
        ("bio", "b" * 501),
        ("bio", "bell\x07"),
        ("bio", "\ufb2c" * 200),  # too long once it is normalized to NFC
        ("place", "two\nlines"),
        ("place", "p" * 101),
        ("link", "javascript:alert(1)"),
        ("link", "ftp://example.org"),
        ("link", "example.org"),
        ("link", "https://"),
        ("link", "https://exa mple.org"),
        ("link", "https://example.org/" + "a" * 200),
        ("private", "true"),
        ("private", 1),
        ("private", None),
    ],
)
def test_an_invalid_value_is_refused_with_the_name_of_its_field(
    alice: User, field: str, value: object
) -> None:
    answer = Api(alice).patch("/api/me", {field: value})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_with_one_invalid_field_no_field_changes(alice: User) -> None:
    assert Api(alice).patch("/api/me", {"name": "New", "link": "no"}).status_code == 400
    alice.refresh_from_db()
    assert alice.name == ""


def test_names_may_contain_all_scripts_and_emoji(alice: User) -> None:
    name = "Ålïcé 李 👩‍👩‍👧 ز"
    assert Api(alice).patch("/api/me", {"name": name}).json()["name"] == name


def test_deactivating_requires_the_password(alice: User) -> None:
    api = Api(alice)
    answer = api.post("/api/me/deactivate", {"password": "wrong"})
    assert answer.status_code == 403
    assert list(answer.json()["fields"]) == ["password"]
    assert api.get("/api/me").status_code == 200
    assert api.post("/api/me/deactivate", {"password": PASSWORD}).status_code == 204
    assert api.get("/api/me").status_code == 401
    assert Api().get("/api/users/alice").status_code == 404


def test_the_handle_and_address_of_a_deactivated_account_stay_taken(alice: User) -> None:
    services.deactivate(user=alice, password=PASSWORD, now=timezone.now())
    with pytest.raises(creation.HandleTaken):
        services.register(handle="Alice", email="new@example.org", password=PASSWORD)
    with pytest.raises(creation.EmailTaken):
        services.register(handle="alice2", email="alice@example.org", password=PASSWORD)


def change_password(alice: User, *, old: str = PASSWORD, new: str) -> None:
    services.change_password(user=alice, old=old, new=new, now=timezone.now())


@pytest.mark.parametrize("end", ["password", "deactivate", "suspend"])
def test_some_changes_end_all_sessions(alice: User, bob: User, end: str) -> None:
    client = Client()
    assert client.login(username="alice", password=PASSWORD)
    assert client.get("/api/me").status_code == 200
    if end == "password":
        change_password(alice, new="another horse and battery")
    elif end == "deactivate":
        services.deactivate(user=alice, password=PASSWORD, now=timezone.now())
        services.reactivate(user=alice)
    else:
        services.suspend(user=alice, by=bob, now=timezone.now())
        services.unsuspend(user=alice, by=bob)
    assert client.get("/api/me").status_code == 401


def test_a_new_password_requires_the_old_one_and_strength(alice: User) -> None:
    with pytest.raises(services.WrongPassword):
        change_password(alice, old="wrong", new="another horse and battery")
    with pytest.raises(creation.WeakPassword):
        change_password(alice, new="alice")
    change_password(alice, new="another horse and battery")
    assert (
        services.sign_in(login="alice", password="another horse and battery", now=timezone.now())
        == alice
    )
    with pytest.raises(services.BadCredentials):
        services.sign_in(login="alice", password=PASSWORD, now=timezone.now())


def test_passwords_are_hashed_with_argon2(alice: User) -> None:
    assert alice.password.startswith("argon2$argon2id$")


def test_suspending_twice_keeps_the_first_timestamp(alice: User, bob: User) -> None:
    services.suspend(user=alice, by=bob, now=timezone.now())
    first = alice.suspended_at
    services.suspend(user=alice, by=bob, now=timezone.now())
    alice.refresh_from_db()
    assert alice.suspended_at == first


def test_the_auth_backend_accepts_handles_and_addresses_but_no_suspended_accounts(
    alice: User, bob: User
) -> None:
    client = Client()
    assert client.login(username="ALICE@example.org", password=PASSWORD)
    services.suspend(user=alice, by=bob, now=timezone.now())
    assert not client.login(username="alice", password=PASSWORD)
    assert not client.login(username="alice\x00", password=PASSWORD)


def test_only_expired_rows_are_deleted(alice: User) -> None:
    tokens.issue(user=alice, now=timezone.now())
    now = timezone.now()
    TokenFamily.objects.create(user=alice, expires_at=now - timedelta(seconds=1))
    for key, age in (("new", 23), ("old", 25)):
        row = IdempotentRequest.objects.create(user=alice, key=key, fingerprint="f", status=201)
        IdempotentRequest.objects.filter(pk=row.pk).update(created_at=now - timedelta(hours=age))
    for key, age in (("new", -1), ("old", 1)):
        expires = now - timedelta(hours=age)
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    for _ in range(2):
        forget_expired()
        assert TokenFamily.objects.count() == 1
        assert IdempotentRequest.objects.get().key == "new"
        assert Session.objects.get().session_key == "new"


def test_an_anonymous_visitor_has_no_account() -> None:
    for method, path in [
        ("get", "/api/me"),
        ("patch", "/api/me"),
        ("post", "/api/me/deactivate"),
        ("get", "/api/me/follow-requests"),
    ]:
        answer: Any = Api().request(method, path)
        assert answer.status_code == 401
        assert answer.json()["error"] == "not_authenticated"


def test_a_body_that_is_no_form_is_refused_and_an_empty_form_is_not(alice: User) -> None:
    kind = 'multipart/form-data; boundary="b"'
    for body, status in {"--b\r\n[]--b--\r\n": 400, "what is this?": 400, "--b--\r\n": 200}.items():
        assert Api(alice).patch("/api/me", body, content_type=kind).status_code == status, body
