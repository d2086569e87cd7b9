"""Tokens of the API: RS256 JWTs, access for ten minutes and refresh for thirty days.

A sign-in is a family of refresh tokens, each used once: using the newest gives the next, using an
older one means that somebody copied it, and ends the family. Access tokens are not kept anywhere;
raising `User.token_version` ends them all.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.db import transaction
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from accounts.models import TokenFamily, User
from accounts.selectors import find_user
from chirp.errors import ChirpError, Kind
from chirp.secrets import jwt_private_key

ACCESS, REFRESH = "access", "refresh"
CLAIMS = ["sub", "ver", "sid", "iat", "exp", "typ", "jti"]
CACHED_TOKENS = 4096  # about a kilobyte each
CLOCK_SKEW_SECONDS = 5


class BadToken(ChirpError):
    """A token that is malformed, not ours, of the wrong kind, expired, used or ended."""

    kind = Kind.UNAUTHENTICATED
    code = "bad_token"
    message = "This token is not valid, or not any more."


class NotSigningKey(Exception):
    """`JWT_KEY_FILE` holds something else than an RSA private key."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in gives."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `expires` is in seconds since 1970."""

    user_id: int
    version: int
    family: uuid.UUID
    token: uuid.UUID
    kind: str
    expires: int


@dataclass(frozen=True, slots=True)
class Key:
    """The key that signs, and its public half as a JWK."""

    private: RSAPrivateKey
    public: dict[str, str]

    @property
    def id(self) -> str:
        """Its thumbprint (RFC 7638)."""
        return self.public["kid"]


def issue(*, user: User, now: datetime) -> TokenPair:
    """Sign `user` in: the first pair of a new family."""
    family = TokenFamily(user=user, expires_at=_refresh_end(now))
    family.save(force_insert=True)
    return _pair(user, family, now)


def rotate(*, refresh: str, now: datetime) -> TokenPair:
    """The next pair for a refresh token. BadToken; a token that was used before ends its family."""
    claims = _verify(refresh, kind=REFRESH)
    if _is_expired(claims, now):
        raise BadToken
    pair = _next(claims, now)
    if pair is None:
        raise BadToken
    return pair


@transaction.atomic
def _next(claims: Claims, now: datetime) -> TokenPair | None:
    # No exception may leave this transaction: it would undo the end of the family.
    family = TokenFamily.objects.select_for_update().filter(pk=claims.family).first()
    if family is None:
        return None
    user = User.objects.get(pk=family.user_id)
    if family.current != claims.token or not _is_current(user, claims):
        family.delete()
        return None
    family.current, family.expires_at = uuid.uuid4(), _refresh_end(now)
    family.save(update_fields=["current", "expires_at"])
    return _pair(user, family, now)


def revoke(*, refresh: str) -> None:
    """Sign out: end the family of a refresh token, even one that expired or was used. BadToken."""
    claims = _verify(refresh, kind=REFRESH)
    TokenFamily.objects.filter(pk=claims.family).delete()


def authenticate(
    *, access: str, now: datetime, find: Callable[..., User | None] = find_user
) -> User:
    """Whose access token this is. BadToken, also for people who are gone by now. One query.

    `find` takes the place of `find_user`, for callers who learn more by the same query.
    """
    claims = _verified_access(access)
    if _is_expired(claims, now):
        raise BadToken
    user = find(user_id=claims.user_id)
    if user is None or not _is_current(user, claims):
        raise BadToken
    return user


def jwks() -> dict[str, list[dict[str, str]]]:
    """The public keys that tokens can be checked with (RFC 7517)."""
    return {"keys": [_key(settings.JWT_KEY_FILE).public]}


def _is_expired(claims: Claims, now: datetime) -> bool:
    return claims.expires + CLOCK_SKEW_SECONDS <= now.timestamp()


def _is_current(user: User, claims: Claims) -> bool:
    return user.is_active and user.token_version == claims.version


@lru_cache(maxsize=CACHED_TOKENS)
def _verified_access(access: str) -> Claims:
    """The claims of an access token whose signature was checked; failures are not remembered."""
    return _verify(access, kind=ACCESS)


def _verify(token: str, *, kind: str) -> Claims:
    """The claims of a token that we signed, also of an expired one. BadToken."""
    key = _key(settings.JWT_KEY_FILE)
    try:
        complete = jwt.decode_complete(
            token,
            key.private.public_key(),
            algorithms=["RS256"],
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": CLAIMS, "verify_exp": False},
        )
        claims = _claims(complete["payload"])
    except (jwt.PyJWTError, ValueError, TypeError):
        raise BadToken from None
    if complete["header"].get("kid") != key.id or claims.kind != kind:
        raise BadToken
    return claims


def _claims(payload: dict[str, Any]) -> Claims:
    return Claims(
        user_id=int(payload["sub"]),
        version=int(payload["ver"]),
        family=uuid.UUID(str(payload["sid"])),
        token=uuid.UUID(str(payload["jti"])),
        kind=payload["typ"],
        expires=int(payload["exp"]),
    )


def _pair(user: User, family: TokenFamily, now: datetime) -> TokenPair:
    access_life = timedelta(minutes=settings.ACCESS_TOKEN_MINUTES)
    refresh_life = timedelta(days=settings.REFRESH_TOKEN_DAYS)
    return TokenPair(
        access=_sign(user, family, now, kind=ACCESS, token=uuid.uuid4(), life=access_life),
        refresh=_sign(user, family, now, kind=REFRESH, token=family.current, life=refresh_life),
    )


def _sign(
    user: User,
    family: TokenFamily,
    now: datetime,
    *,
    kind: str,
    token: uuid.UUID,
    life: timedelta,
) -> str:
    issued = int(now.timestamp())
    payload = {
        "sub": str(user.pk),
        "ver": user.token_version,
        "sid": str(family.pk),
        "jti": str(token),
        "iat": issued,
        "exp": issued + int(life.total_seconds()),
        "typ": kind,
    }
    key = _key(settings.JWT_KEY_FILE)
    return jwt.encode(payload, key.private, algorithm="RS256", headers={"kid": key.id})


def _refresh_end(now: datetime) -> datetime:
    return now + timedelta(days=settings.REFRESH_TOKEN_DAYS)


@cache
def _key(path: Path) -> Key:
    private = load_pem_private_key(jwt_private_key(path), password=None)
    if not isinstance(private, RSAPrivateKey):
        raise NotSigningKey(f"{path} is not an RSA private key.")
    numbers = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    public = {name: str(numbers[name]) for name in ("e", "kty", "n")}
    thumbprint = hashlib.sha256(json.dumps(public, separators=(",", ":")).encode()).digest()
    kid = base64url_encode(thumbprint).decode()
    return Key(private, {**public, "alg": "RS256", "kid": kid, "use": "sig"})
