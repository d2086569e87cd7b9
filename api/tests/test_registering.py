"""Registering an account through the API."""

from typing import Any

import pytest

from accounts.models import User
from accounts.validation import RESERVED
from tests.helpers.api_client import Api
from tests.helpers.threads import at_once

PASSWORD = "correct horse battery staple"
DORA = {"handle": "Dora", "email": "dora@example.org", "password": PASSWORD}
pytestmark = pytest.mark.django_db


def register(**changes: Any) -> Any:
    """The response to a registration of Dora with some fields changed."""
    return Api().post("/api/auth/register", {**DORA, **changes})


def test_it_creates_an_account_and_signs_in() -> None:
    answer = register(name="Dora D.")
    assert answer.status_code == 201
    user = answer.json()["user"]
    assert (user["handle"], user["name"], user["email"]) == ("Dora", "Dora D.", "dora@example.org")
    assert user["counts"] == {"followers": 0, "following": 0, "tweets": 0}
    me = Api(access=answer.json()["access"]).get("/api/me")
    assert me.json() == user


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"handle": "dORA", "email": "other@example.org"}, "handle"),
        ({"handle": "other", "email": "DORA@Example.ORG"}, "email"),
        ({"handle": "other", "email": " dora@example.org "}, "email"),
    ],
)
def test_a_taken_handle_or_address_is_a_conflict_regardless_of_case(
    changes: dict[str, str], field: str
) -> None:
    assert register().status_code == 201
    answer = register(**changes)
    assert answer.status_code == 409
    assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("handle", ""),
        ("handle", "a" * 31),
        ("handle", "dora-d"),
        ("handle", "dora "),
        ("handle", "dora\n"),
        ("handle", "dorá"),
        ("handle", "٣٣"),  # digits, but not ASCII
        ("handle", "do\x00ra"),
        ("handle", 7),
        ("handle", None),
        ("handle", ["dora"]),
        ("handle", "Admin"),
        ("handle", "settings"),
        ("email", "dora"),
        ("email", "dora@"),
        ("email", "d\x00ra@example.org"),
        ("email", "a" * 250 + "@example.org"),
        ("email", True),
        ("password", ""),
        ("password", "short"),
        ("password", "password1234"),
        ("password", "72430918273645"),
        ("password", "dora@example.org"),
        ("password", "p\x00" * 10),
        ("password", "long " * 300),
        ("password", 1234567890123),
        ("name", "n" * 51),
        ("name", "one\ntwo"),
        ("name", "nul\x00"),
        ("name", "turned\u202earound"),
        ("name", {}),
    ],
)
def test_an_invalid_value_is_refused_with_the_name_of_its_field(field: str, value: object) -> None:
    answer = register(**{field: value})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize("missing", DORA)
def test_a_missing_field_is_named(missing: str) -> None:
    answer = Api().post("/api/auth/register", {k: v for k, v in DORA.items() if k != missing})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [missing]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"dora"',
        b"[" * 100_000,
        b'{"handle": "\\ud800", "email": "d@example.org", "password": "x"}',
        b'{"handle": NaN}',
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_not_an_object_is_refused(body: bytes) -> None:
    assert Api().post("/api/auth/register", body).status_code == 400


def test_a_body_that_is_too_large_is_refused() -> None:
    assert register(name="n" * 1_100_000).status_code == 413


def test_other_content_types_are_refused() -> None:
    answer = Api().client.post("/api/auth/register", DORA)  # a form
    assert answer.status_code == 415


def test_unknown_fields_are_ignored() -> None:
    answer = register(is_staff=True, followers_count=9)
    assert answer.status_code == 201
    dora = User.objects.get()
    assert (dora.is_staff, dora.followers_count) == (False, 0)


def test_names_are_normalized_and_trimmed() -> None:
    assert register(name="  Dore\u0301 ").json()["user"]["name"] == "Dor\u00e9"


def test_first_segments_of_urls_are_reserved_handles() -> None:
    from django.urls import get_resolver

    segments: set[str] = set()
    for prefix in get_resolver().url_patterns:
        route = str(prefix.pattern)
        below = getattr(prefix, "url_patterns", []) if route in {"", "api/"} else []
        for path in [route, *(str(pattern.pattern) for pattern in below)]:
            segments.add(path.split("/")[0])
    names = {segment for segment in segments if segment.replace("_", "").isalnum()}
    assert {"api", "admin", "auth"} <= names
    assert names <= RESERVED


@pytest.mark.django_db(transaction=True)
def test_of_concurrent_equal_registrations_one_succeeds_and_the_others_conflict() -> None:
    statuses: list[int] = []
    assert at_once([lambda: statuses.append(register().status_code)] * 6) == []
    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]
    assert User.objects.count() == 1
