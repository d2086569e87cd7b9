"""Talk to an OpenID provider: the authorization code flow, with state, nonce and PKCE.

It follows OpenID Connect Core 1.0. The signature of an ID token is always verified, and the
addresses of the provider come from its discovery document, which is remembered for some minutes.
"""

import base64
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from django.utils.crypto import constant_time_compare

from accounts.sso.config import Provider
from chirp.errors import ChirpError, Unavailable
from chirp.plain_text import is_storable
from chirp.texts import text as _

SECONDS = 5  # for each request to the provider
KEPT = 600  # seconds for which discovery documents and keys are remembered
LEEWAY = 60  # seconds that the clock of the provider may be off
LENGTH = 191  # of the name that a provider has for a person
SCOPES = "openid profile email"
# Neither "none" nor those with a shared secret.
ALGORITHMS = frozenset({f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)})
ALGORITHMS |= {"EdDSA"}
Json = Mapping[str, Any]
log = logging.getLogger(__name__)


class ProviderAway(Unavailable):
    """The provider does not answer."""

    code = "sso_unavailable"
    message = _(
        "The server that you log in with does not answer right now. Please try again later."
    )


class SsoFailed(ChirpError):
    """The provider refused, or its answer is not valid. The details are in the log."""

    code = "sso_failed"
    message = _("That login did not work. Please begin again.")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as a provider says. `proven_at` is when they proved it, if it says so."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""
    handle: str = ""
    proven_at: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What belongs to one attempt to sign in, and stays in the session until it comes back."""

    nonce: str
    verifier: str
    redirect_uri: str


def authorization_url(
    provider: Provider, attempt: Attempt, *, state: str, again: bool = False
) -> str:
    """Return the page of the provider to go to. With `again`, people have to prove who they are.

    Raises ProviderAway and SsoFailed.
    """
    challenge = hashlib.sha256(attempt.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": attempt.redirect_uri,
        "scope": SCOPES,
        "state": state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if again else {}),
    }
    page = _address(_discovered(provider), "authorization_endpoint")
    return f"{page}{'&' if urlsplit(page).query else '?'}{urlencode(query)}"


def identity(provider: Provider, attempt: Attempt, *, code: str) -> Identity:
    """Return who a code is about. Raises ProviderAway and SsoFailed."""
    found = _discovered(provider)
    tokens = _tokens(provider, found, attempt, code)
    claims = _verified(provider, found, tokens.get("id_token"), attempt.nonce)
    more = _user_info(found, tokens.get("access_token"), claims)
    return _identity(provider, {**claims, **_about(more, claims)})


def _about(more: Json, claims: Json) -> Json:
    """What the provider says besides an ID token. An address that differs is not verified by it."""
    about = {name: more[name] for name in ABOUT if name in more}
    if "email" in about and about["email"] != claims.get("email"):
        about.setdefault("email_verified", False)
    return about


def _identity(provider: Provider, claims: Json) -> Identity:
    if not is_storable(claims["sub"]):
        _fail("the name of the person has characters that cannot be stored")
    proven_at = claims.get("auth_time")
    return Identity(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=_text(claims, "email"),
        email_verified=claims.get("email_verified") is True,
        name=_text(claims, "name"),
        handle=_text(claims, "preferred_username"),
        proven_at=proven_at if isinstance(proven_at, int) else 0,
    )


def _text(claims: Json, name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) and is_storable(value) else ""


def _tokens(provider: Provider, found: Json, attempt: Attempt, code: str) -> Json:
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    basic = None
    if "client_secret_post" in methods:
        sent |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    else:
        basic = (provider.client_id, provider.client_secret)
    return _json("POST", _address(found, "token_endpoint"), data=sent, auth=basic)


def _verified(provider: Provider, found: Json, token: Any, nonce: str) -> Json:
    """Return the claims of an ID token, checked as section 3.1.3.7 of the specification says."""
    try:
        claims: Json = jwt.decode(
            token,
            _key(found, token),
            algorithms=sorted(ALGORITHMS),
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        _fail(f"the ID token is not valid: {error}")
    party = claims.get("azp")
    is_for_us = party is None or party == provider.client_id
    is_ours = constant_time_compare(_text(claims, "nonce"), nonce)
    if not (is_for_us and is_ours and 0 < len(claims["sub"]) <= LENGTH):
        _fail("the ID token is for another site or attempt, or names nobody")
    return claims


def _key(found: Json, token: Any) -> jwt.PyJWK:
    """Return the key that signed a token. Keys that are not known yet are fetched again."""
    header = jwt.get_unverified_header(token)
    address = _address(found, "jwks_uri")
    for is_fresh in (False, True):
        for key in jwt.PyJWKSet.from_dict(dict(_remembered(address, again=is_fresh))).keys:
            if header.get("kid") in (None, key.key_id):
                return key
    return _fail("no key of the provider has signed the ID token")


def _user_info(found: Json, token: Any, claims: Json) -> Json:
    """Return what the provider says besides, which must be about the same person."""
    if "userinfo_endpoint" not in found or not isinstance(token, str):
        return {}
    headers = {"Authorization": f"Bearer {token}"}
    more = _json("GET", _address(found, "userinfo_endpoint"), headers=headers)
    if more.get("sub") != claims["sub"]:
        _fail("the user info is about another person")
    return more


ABOUT = ("email", "email_verified", "name", "preferred_username")
_memory: dict[str, tuple[float, Json]] = {}


def forget() -> None:
    """Fetch discovery documents and keys at their next use."""
    _memory.clear()


def _discovered(provider: Provider) -> Json:
    base = provider.issuer.rstrip("/")
    found = _remembered(f"{base}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        _fail("OIDC_ISSUER is not what the provider calls itself")
    return found


def _remembered(address: str, *, again: bool = False) -> Json:
    at, found = _memory.get(address, (0.0, {}))
    if again or not found or at < time.monotonic() - KEPT:
        found = _json("GET", address)
        _memory[address] = (time.monotonic(), found)
    return found


def _address(found: Json, name: str) -> str:
    address = found.get(name)
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        _fail(f"the provider has no {name}")
    return address


def _json(method: str, address: str, **more: Any) -> Json:
    """Return the object that the provider answers with. It is never redirected."""
    try:
        answer = requests.request(method, address, timeout=SECONDS, allow_redirects=False, **more)
        body = answer.json() if answer.status_code == 200 else None
    except requests.JSONDecodeError:
        _fail(f"{address} answers with no JSON")
    except requests.RequestException as error:
        log.warning("Single sign-on: %s does not answer: %s.", address, type(error).__name__)
        raise ProviderAway from None
    if answer.status_code >= 500:
        log.warning("Single sign-on: %s answers with a %d.", address, answer.status_code)
        raise ProviderAway
    if not isinstance(body, dict):
        _fail(f"{address} answers with a {answer.status_code}, or with no object")
    return body


def _fail(why: str) -> NoReturn:
    log.warning("Single sign-on failed: %s.", why)
    raise SsoFailed from None
