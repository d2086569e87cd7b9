"""Signing in and out through the API, and access and refresh tokens."""

import base64
import json
import math
import time
import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.utils import timezone

from accounts import services, tokens
from accounts.models import TokenFamily, User
from chirp.secrets import jwt_private_key
from conftest import PASSWORD
from tests.helpers.api_client import Api

pytestmark = pytest.mark.django_db


def sign_in(login: str, password: str = PASSWORD) -> Any:
    """The response to a sign-in."""
    return Api().post("/api/auth/token", {"login": login, "password": password})


def refresh(token: str) -> Any:
    """The response to a refresh."""
    return Api().post("/api/auth/refresh", {"refresh": token})


def me(access: str) -> int:
    """The status of a request for the account with this access token."""
    status: int = Api(access=access).get("/api/me").status_code
    return status


@pytest.mark.parametrize("login", ["alice", "ALICE", "@alice", "Alice@example.org"])
def test_by_handle_or_by_address_regardless_of_case(alice: User, login: str) -> None:
    answer = sign_in(login)
    assert answer.status_code == 200
    assert me(answer.json()["access"]) == 200


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice", "wrong"),
        ("alice", PASSWORD.upper()),
        ("nobody", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("%", PASSWORD),
        ("alice@", PASSWORD),
    ],
)
def test_the_error_does_not_reveal_which_credential_is_wrong(
    alice: User, login: str, password: str
) -> None:
    answer = sign_in(login, password)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json() == {
        "error": "bad_credentials",
        "message": "Wrong handle, e-mail address or password.",
    }


@pytest.mark.parametrize("value", [7, None, "", "nul\x00", ["alice"], True])
@pytest.mark.parametrize("field", ["login", "password"])
def test_a_value_that_is_not_a_valid_string_is_refused(
    alice: User, field: str, value: object
) -> None:
    body = {"login": "alice", "password": PASSWORD, field: value}
    answer = Api().post("/api/auth/token", body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_a_suspension_is_revealed_only_with_the_right_password(alice: User, bob: User) -> None:
    services.suspend(user=alice, by=bob, now=timezone.now())
    assert sign_in("alice", "wrong").status_code == 401
    answer = sign_in("alice")
    assert answer.status_code == 403
    assert answer.json()["message"].startswith("This account is suspended. Log in on the website")


def test_signing_in_reactivates_an_account(alice: User) -> None:
    services.deactivate(user=alice, password=PASSWORD, now=timezone.now())
    assert Api().get("/api/users/alice").status_code == 404
    assert sign_in("alice").status_code == 200
    assert Api().get("/api/users/alice").status_code == 200


def test_a_deactivated_account_can_come_back_after_any_time(alice: User) -> None:
    long_ago = timezone.now() - timedelta(days=999)
    User.objects.filter(pk=alice.pk).update(deactivated_at=long_ago)
    assert sign_in("alice").status_code == 200


def test_a_refresh_returns_the_next_pair(alice: User) -> None:
    first = tokens.issue(user=alice, now=timezone.now())
    second = refresh(first.refresh).json()
    third = refresh(second["refresh"])
    assert third.status_code == 200
    assert me(third.json()["access"]) == 200


def test_using_a_refresh_token_twice_ends_the_whole_sign_in(alice: User) -> None:
    first = tokens.issue(user=alice, now=timezone.now())
    second = refresh(first.refresh).json()
    assert refresh(first.refresh).status_code == 401
    assert refresh(second["refresh"]).status_code == 401
    assert not TokenFamily.objects.exists()


def test_revoking_one_sign_in_keeps_the_others(alice: User) -> None:
    phone, laptop = (
        tokens.issue(user=alice, now=timezone.now()),
        tokens.issue(user=alice, now=timezone.now()),
    )
    refresh(phone.refresh)
    refresh(phone.refresh)
    assert refresh(laptop.refresh).status_code == 200


def test_signing_out_ends_the_sign_in_but_not_its_access_token(alice: User) -> None:
    pair = tokens.issue(user=alice, now=timezone.now())
    for _ in range(2):
        assert Api().post("/api/auth/logout", {"refresh": pair.refresh}).status_code == 204
    assert refresh(pair.refresh).status_code == 401
    assert me(pair.access) == 200


def test_an_old_refresh_token_signs_out_too(alice: User) -> None:
    pair = tokens.issue(user=alice, now=timezone.now())
    newer = tokens.rotate(refresh=pair.refresh, now=timezone.now())
    assert Api().post("/api/auth/logout", {"refresh": pair.refresh}).status_code == 204
    assert refresh(newer.refresh).status_code == 401


@pytest.mark.parametrize("end", ["password", "deactivate", "suspend"])
def test_some_changes_revoke_every_token_at_once(alice: User, bob: User, end: str) -> None:
    pair = tokens.issue(user=alice, now=timezone.now())
    assert me(pair.access) == 200
    if end == "password":
        new = "another horse and battery"
        services.change_password(user=alice, old=PASSWORD, new=new, now=timezone.now())
    elif end == "deactivate":
        services.deactivate(user=alice, password=PASSWORD, now=timezone.now())
    else:
        services.suspend(user=alice, by=bob, now=timezone.now())
    assert me(pair.access) == 401
    assert refresh(pair.refresh).status_code == 401


def test_a_revoked_token_stays_revoked_after_unsuspension(alice: User, bob: User) -> None:
    pair = tokens.issue(user=alice, now=timezone.now())
    services.suspend(user=alice, by=bob, now=timezone.now())
    services.unsuspend(user=alice, by=bob)
    assert me(pair.access) == 401
    assert refresh(pair.refresh).status_code == 401
    assert sign_in("alice").status_code == 200


def key() -> bytes:
    """The site's private key, as PEM."""
    return jwt_private_key(settings.JWT_KEY_FILE)


def kid() -> str:
    """The id of the site's key."""
    return tokens.jwks()["keys"][0]["kid"]


def claims(user: User, **changes: Any) -> dict[str, Any]:
    """The claims of a valid access token with some changes; None omits a claim."""
    now = int(time.time())
    valid = {
        "iss": "chirp",
        "aud": "chirp-api",
        "sub": str(user.pk),
        "ver": user.token_version,
        "sid": str(uuid.uuid4()),
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 600,
        "typ": "access",
    }
    return {name: value for name, value in {**valid, **changes}.items() if value is not None}


def signed(payload: dict[str, Any], **header: str) -> str:
    """A token with a valid signature."""
    return jwt.encode(payload, key(), algorithm="RS256", headers={"kid": kid(), **header})


def test_the_unchanged_claims_are_accepted(alice: User) -> None:
    assert me(signed(claims(alice))) == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None},
        {"iss": "another"},
        {"iss": ""},
        {"aud": None},
        {"aud": "another"},
        {"aud": ""},
        {"aud": ["chirp-api", "another"]},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"exp": math.inf},
        {"iat": 4_000_000_000},
        {"typ": "refresh"},
        {"typ": None},
        {"sub": "999999999"},
        {"sub": "0x1"},
        {"sub": "9" * 40},
        {"sub": None},
        {"ver": 7},
        {"ver": "x"},
        {"ver": math.inf},
        {"ver": None},
        {"sid": "not-a-uuid"},
        {"sid": 5},
        {"jti": None},
    ],
)
def test_invalid_claims_are_refused_despite_a_valid_signature(
    alice: User, changes: dict[str, Any]
) -> None:
    assert me(signed(claims(alice, **changes))) == 401


@pytest.mark.parametrize("changes", [{}, {"iss": None}, {"aud": "another"}])
def test_a_refresh_token_needs_the_same_claims(alice: User, changes: dict[str, Any]) -> None:
    family = TokenFamily.objects.create(user=alice, expires_at=timezone.now() + timedelta(days=1))
    ids = {"sid": str(family.pk), "jti": str(family.current), "typ": "refresh"}
    status = refresh(signed(claims(alice, **ids, **changes))).status_code
    assert status == (401 if changes else 200)
    assert TokenFamily.objects.count() == 1


def test_another_key_id_is_refused(alice: User) -> None:
    assert me(signed(claims(alice), kid="another")) == 401


def test_another_key_is_refused(alice: User) -> None:
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode(claims(alice), other_key, algorithm="RS256", headers={"kid": kid()})
    assert me(token) == 401


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_the_algorithm_none_is_refused(alice: User) -> None:
    header = b64(json.dumps({"alg": "none", "typ": "JWT", "kid": kid()}).encode())
    assert me(f"{header}.{b64(json.dumps(claims(alice)).encode())}.") == 401


def test_the_public_key_as_a_shared_secret_is_refused(alice: User) -> None:
    import hashlib
    import hmac

    public = serialization.load_pem_private_key(key(), None).public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = b64(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid()}).encode())
    content = f"{header}.{b64(json.dumps(claims(alice)).encode())}"
    mac = hmac.new(pem, content.encode(), hashlib.sha256).digest()
    assert me(f"{content}.{b64(mac)}") == 401


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", "..", "\u00e9", "a b", "null", "e30.e30.e30", "A" * 5000]
)
def test_a_malformed_token_is_refused(alice: User, token: str) -> None:
    answer = Api(access=token).get("/api/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_modified_token_is_refused_although_the_original_is_cached(
    alice: User, bob: User
) -> None:
    token = signed(claims(alice))
    assert me(token) == 200
    header, _, signature = token.split(".")
    assert me(".".join([header, b64(json.dumps(claims(bob)).encode()), signature])) == 401


def test_a_cached_token_expires_too(alice: User) -> None:
    now = timezone.now()
    token = tokens.issue(user=alice, now=now).access
    assert tokens.authenticate(access=token, now=now) == alice
    later = now + timedelta(seconds=600 + tokens.CLOCK_SKEW_SECONDS + 1)
    with pytest.raises(tokens.BadToken):
        tokens.authenticate(access=token, now=later)


def test_an_invalid_token_is_refused_even_where_authentication_is_optional(alice: User) -> None:
    assert Api().get("/api/users/alice").status_code == 200
    assert Api(access="garbage").get("/api/users/alice").status_code == 401


def test_access_and_refresh_tokens_are_not_interchangeable(alice: User) -> None:
    pair = tokens.issue(user=alice, now=timezone.now())
    assert refresh(pair.access).status_code == 401
    assert me(pair.refresh) == 401


def test_authentication_by_token_takes_one_query(
    alice: User, django_assert_num_queries: Any
) -> None:
    access = tokens.issue(user=alice, now=timezone.now()).access
    with django_assert_num_queries(1):
        assert tokens.authenticate(access=access, now=timezone.now()) == alice


def test_the_published_key_verifies_tokens_and_has_no_private_part(alice: User) -> None:
    answer = Api().get("/.well-known/jwks.json")
    (published,) = answer.json()["keys"]
    assert set(published) == {"alg", "e", "kid", "kty", "n", "use"}
    access = tokens.issue(user=alice, now=timezone.now()).access
    assert jwt.get_unverified_header(access)["kid"] == published["kid"]
    payload = jwt.decode(
        access,
        jwt.PyJWK(published),
        algorithms=["RS256"],
        issuer="chirp",
        audience="chirp-api",
    )
    assert payload["sub"] == str(alice.pk)
    assert payload["exp"] - payload["iat"] == 600


def test_the_key_file_is_readable_by_its_owner_only() -> None:
    key()
    assert settings.JWT_KEY_FILE.stat().st_mode & 0o777 == 0o600
    assert settings.JWT_KEY_FILE.parent.stat().st_mode & 0o777 == 0o700


def test_the_response_time_does_not_reveal_whether_an_account_exists(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    hashed: list[str] = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def recording(method: Any) -> Any:
        def recorded(self: Any, password: str, *args: Any, **kwargs: Any) -> Any:
            hashed.append(password)
            return method(self, password, *args, **kwargs)

        return recorded

    monkeypatch.setattr(Argon2PasswordHasher, "encode", recording(encode))
    monkeypatch.setattr(Argon2PasswordHasher, "verify", recording(verify))
    sign_in("alice", "wrong for alice")
    sign_in("nobody", "wrong for nobody")
    assert hashed == ["wrong for alice", "wrong for nobody"]
