"""API tokens: RS256 JWTs. By default access tokens last ten minutes, refresh tokens thirty days.

The issuer (`iss`) and the audience (`aud`) say which tokens are meant for this API, because a key
may sign others too.

Each sign-in is a family of refresh tokens. A refresh token can be used once, in exchange for the
next one. An older token that is used again must have been copied, so the family is revoked. Access
tokens are not stored; incrementing `User.token_version` invalidates all of them for an account.
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

from accounts import security_log
from accounts.devices import LENGTH
from accounts.events import SignInsEnded
from accounts.models import SecurityEvent, TokenFamily, User
from accounts.selectors import find_user
from accounts.signed_in import SignedIn
from chirp import errors
from chirp.db import routing
from chirp.errors import ChirpError
from chirp.secrets import jwt_private_key
from chirp.texts import text as _
from outbox.services import publish

Kind = SecurityEvent.Kind
ACCESS, REFRESH = "access", "refresh"
ISSUER, AUDIENCE = "chirp", "chirp-api"
CLAIMS = ["iss", "aud", "sub", "ver", "sid", "iat", "exp", "typ", "jti"]
CACHED_TOKENS = 4096  # about a kilobyte each
CLOCK_SKEW_SECONDS = 5


class BadToken(ChirpError):
    """The token is malformed, foreign, of the wrong kind, expired, used or revoked."""

    kind = errors.Kind.UNAUTHENTICATED
    code = "bad_token"
    message = _("This token is not valid, or is no longer valid.")


class NotSigningKey(Exception):
    """`JWT_KEY_FILE` does not hold an RSA private key."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The access token and the refresh token of a sign-in."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token. `expires` is a Unix timestamp in seconds."""

    user_id: int
    version: int
    family: uuid.UUID
    token: uuid.UUID
    kind: str
    expires: int


@dataclass(frozen=True, slots=True)
class Key:
    """The private key that signs tokens, and its public key as a JWK."""

    private: RSAPrivateKey
    public: dict[str, str]

    @property
    def id(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        return self.public["kid"]


def issue(*, user: User, now: datetime, agent: str = "", address: str = "") -> TokenPair:
    """Start a new token family for `user` and return its first pair.

    `agent` is what the client says of itself, and `address` its address, for `accounts.sessions`.
    """
    family = TokenFamily(user=user, expires_at=_refresh_expiry(now), last_seen_at=now)
    family.agent, family.address = agent[:LENGTH], address
    family.save(force_insert=True)
    return _make_pair(user, family, now)


def rotate(*, refresh: str, now: datetime, address: str = "") -> TokenPair:
    """Return the next pair for a refresh token, to the client at `address`.

    Raises BadToken. A refresh token that was already used also revokes its family.
    """
    claims = _verify(refresh, kind=REFRESH)
    if _is_expired(claims, now):
        raise BadToken
    pair = _rotate_family(claims, now, address)
    if pair is None:
        raise BadToken
    return pair


@transaction.atomic
def _rotate_family(claims: Claims, now: datetime, address: str) -> TokenPair | None:
    # No exception may leave this transaction: it would roll back the deletion of the family.
    family = TokenFamily.objects.select_for_update().filter(pk=claims.family).first()
    if family is None:
        return None
    user = User.objects.get(pk=family.user_id)
    if family.current != claims.token or not _is_current(user, claims):
        family.delete()
        publish(SignInsEnded(user_id=user.pk))
        security_log.record(Kind.SESSION_ENDED, user_id=user.pk, address=address)
        return None
    family.current, family.expires_at = uuid.uuid4(), _refresh_expiry(now)
    family.address, family.last_seen_at = address, now
    family.save(update_fields=["current", "expires_at", "address", "last_seen_at"])
    return _make_pair(user, family, now)


@transaction.atomic
def revoke(*, refresh: str, address: str = "") -> None:
    """Sign out: revoke the family of a refresh token, even if the token is expired or used.

    Raises BadToken.
    """
    claims = _verify(refresh, kind=REFRESH)
    ended, _ = TokenFamily.objects.filter(pk=claims.family).delete()
    if ended:
        publish(SignInsEnded(user_id=claims.user_id))
        security_log.record(Kind.SIGNED_OUT, user_id=claims.user_id, address=address)


def authenticate(
    *, access: str, now: datetime, find: Callable[..., User | None] = find_user
) -> User:
    """Return the user of an access token. Makes one query.

    Raises BadToken, also if the account has been deactivated or suspended since. `find` replaces
    `find_user` for callers that load more data with the same query.
    """
    claims = _verified_access(access)
    if _is_expired(claims, now):
        raise BadToken
    routing.reader_is(claims.user_id)
    user = find(user_id=claims.user_id)
    if (user is None or not _is_current(user, claims)) and routing.leave_replica():
        user = find(user_id=claims.user_id)
    if user is None or not _is_current(user, claims):
        raise BadToken
    return user


def family_of(*, access: str) -> uuid.UUID:
    """Return the family that an access token belongs to. Raises BadToken."""
    return _verified_access(access).family


def signed_in(*, access: str) -> SignedIn:
    """Return the sign-in that an access token belongs to, and when it ends. Raises BadToken."""
    claims = _verified_access(access)
    expires = claims.expires + CLOCK_SKEW_SECONDS
    return SignedIn(claims.user_id, claims.version, family=claims.family, expires=expires)


def jwks() -> dict[str, list[dict[str, str]]]:
    """Return the public keys that verify tokens, as a JWK set (RFC 7517)."""
    return {"keys": [_load_key(settings.JWT_KEY_FILE).public]}


def _is_expired(claims: Claims, now: datetime) -> bool:
    return claims.expires + CLOCK_SKEW_SECONDS <= now.timestamp()


def _is_current(user: User, claims: Claims) -> bool:
    return user.is_active and user.token_version == claims.version


@lru_cache(maxsize=CACHED_TOKENS)
def _verified_access(access: str) -> Claims:
    """Return the claims of an access token with a valid signature. Failures are not cached."""
    return _verify(access, kind=ACCESS)


def _verify(token: str, *, kind: str) -> Claims:
    """Return the claims of a token with a valid signature, even if it is expired.

    Raises BadToken, also for another issuer or audience.
    """
    key = _load_key(settings.JWT_KEY_FILE)
    try:
        complete = jwt.decode_complete(
            token,
            key.private.public_key(),
            algorithms=["RS256"],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": CLAIMS, "verify_exp": False, "strict_aud": True},
        )
        claims = _claims(complete["payload"])
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
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


def _make_pair(user: User, family: TokenFamily, now: datetime) -> TokenPair:
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
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user.pk),
        "ver": user.token_version,
        "sid": str(family.pk),
        "jti": str(token),
        "iat": issued,
        "exp": issued + int(life.total_seconds()),
        "typ": kind,
    }
    key = _load_key(settings.JWT_KEY_FILE)
    return jwt.encode(payload, key.private, algorithm="RS256", headers={"kid": key.id})


def _refresh_expiry(now: datetime) -> datetime:
    return now + timedelta(days=settings.REFRESH_TOKEN_DAYS)


@cache
def _load_key(path: Path) -> Key:
    private = load_pem_private_key(jwt_private_key(path), password=None)
    if not isinstance(private, RSAPrivateKey):
        raise NotSigningKey(f"{path} is not an RSA private key.")
    numbers = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    public = {name: str(numbers[name]) for name in ("e", "kty", "n")}
    thumbprint = hashlib.sha256(json.dumps(public, separators=(",", ":")).encode()).digest()
    kid = base64url_encode(thumbprint).decode()
    return Key(private, {**public, "alg": "RS256", "kid": kid, "use": "sig"})
