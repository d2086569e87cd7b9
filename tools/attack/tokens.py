"""Access and refresh tokens: forged, expired, of others, used twice, and of accounts that left."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tools.attack.target import Skipped, Target

MALFORMED = (
    *("Bearer", "Bearer ", "Bearer .", "Bearer ..", "Bearer a.b.c", "Bearer a b", "Bearer null"),
    *("bearer \xe9", "Bearer \x7f", "Bearer " + "x" * 9000, "Bearer " + "." * 500),
)


def forged(target: Target) -> Iterator[str]:
    """Tokens that the site's key did not sign: alg none, HS256 with its public key, and others."""
    access = target.somebody.access
    payload = jwt.decode(access, options={"verify_signature": False})
    header, key = jwt.get_unverified_header(access), _public_key(target)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = {"kid": header["kid"]}
    tokens = {
        "alg none": _signed({**header, "alg": "none"}, payload, b""),
        "alg None": _signed({**header, "alg": "None"}, payload, b""),
        "HS256 with the public key": _hmac({**header, "alg": "HS256"}, payload, pem),
        "HS256 with the key's id": _hmac({**header, "alg": "HS256"}, payload, kid["kid"].encode()),
        "another key": jwt.encode(payload, other, "RS256", headers=kid),
        "another key in the header": jwt.encode(
            payload, other, "RS256", headers={**kid, "jku": "https://evil.example/jwks.json"}
        ),
        "another subject": _changed(access, {**payload, "sub": str(int(payload["sub"]) - 1)}),
        "a later end": _changed(access, {**payload, "exp": payload["exp"] + 3600}),
        "no signature": access.rpartition(".")[0] + ".",
        "half a signature": access[:-20],
        "the refresh token": target.somebody.refresh,
    }
    for name, token in tokens.items():
        yield from _accepted(target, name, token)


def malformed(target: Target) -> Iterator[str]:
    """Headers that hold no token."""
    for value in MALFORMED:
        answer = target.client().get("/api/me", headers={"Authorization": value.encode("latin-1")})
        if answer.status_code not in (400, 401):
            yield f"{value[:20]!r} answered {answer.status_code}"


def of_others(target: Target) -> Iterator[str]:
    """Tokens that the site's key did sign: expired, of another issuer or audience, incomplete."""
    if not target.jwt_key:
        raise Skipped("needs the key that signs tokens: ATTACK_JWT_KEY=/path/to/jwt.pem")
    access = target.somebody.access
    payload = jwt.decode(access, options={"verify_signature": False})
    kid = {"kid": jwt.get_unverified_header(access)["kid"]}
    changes: dict[str, dict[str, Any]] = {
        "expired": {"exp": payload["iat"] - 3600},
        "another issuer": {"iss": "evil"},
        "another audience": {"aud": "evil"},
        "several audiences": {"aud": [payload["aud"], "evil"]},
        "a version before": {"ver": payload["ver"] - 1},
        "no account": {"sub": "0"},
        "a strange account": {"sub": "1 OR 1=1"},
        "a huge account": {"sub": "9" * 40},
        "another kind": {"typ": "refresh"},
        "a strange end": {"exp": "never"},
        "an infinite end": {"exp": 1e999},
    }
    for name, change in changes.items():
        token = jwt.encode({**payload, **change}, target.jwt_key, "RS256", headers=kid)
        yield from _accepted(target, name, token)
    for claim in payload:
        rest = {name: value for name, value in payload.items() if name != claim}
        token = jwt.encode(rest, target.jwt_key, "RS256", headers=kid)
        yield from _accepted(target, f"no {claim}", token)
    yield from _accepted(target, "another kid", jwt.encode(payload, target.jwt_key, "RS256"))


def of_accounts_that_left(target: Target) -> Iterator[str]:
    """A deactivated account's tokens end at once, and a log-out ends its sign-in."""
    person = target.register("leaving")
    api = target.client()
    tokens = {"login": person.handle, "password": person.password}
    out = api.post("/api/auth/token", json=tokens).json()["refresh"]
    api.post("/api/auth/logout", json={"refresh": out})
    yield from _refreshed(target, "after log-out", out)
    person.api.post("/api/me/deactivate", json={"password": person.password})
    yield from _accepted(target, "of a deactivated account", person.access)
    yield from _refreshed(target, "of a deactivated account", person.refresh)


def used_twice(target: Target) -> Iterator[str]:
    """A refresh token that is used twice ends its whole family."""
    person = target.register("twice")
    second = target.client().post("/api/auth/refresh", json={"refresh": person.refresh})
    if second.status_code != 200:
        yield f"the first use answered {second.status_code}"
        return
    yield from _refreshed(target, "used before", person.refresh)
    yield from _refreshed(target, "whose predecessor was used twice", second.json()["refresh"])
    yield from _refreshed(target, "that is an access token", person.access)


def _accepted(target: Target, name: str, token: str) -> Iterator[str]:
    answer = target.client(token).get("/api/me")
    if answer.status_code != 401:
        yield f"a token with {name} answered {answer.status_code}"


def _refreshed(target: Target, name: str, token: str) -> Iterator[str]:
    answer: requests.Response = target.client().post("/api/auth/refresh", json={"refresh": token})
    if answer.status_code != 401:
        yield f"a refresh token {name} answered {answer.status_code}"


def _public_key(target: Target) -> Any:
    (key,) = target.client().get("/.well-known/jwks.json").json()["keys"]
    return jwt.PyJWK(key).key


def _encoded(value: Any) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def _signed(header: Any, payload: Any, signature: bytes) -> str:
    return b".".join((_encoded(header), _encoded(payload), signature)).decode()


def _hmac(header: Any, payload: Any, key: bytes) -> str:
    message = b".".join((_encoded(header), _encoded(payload)))
    signature = hmac.new(key, message, hashlib.sha256).digest()
    return _signed(header, payload, base64.urlsafe_b64encode(signature).rstrip(b"="))


def _changed(token: str, payload: Any) -> str:
    header, _, signature = token.split(".")
    return ".".join((header, _encoded(payload).decode(), signature))
