"""What a session keeps of single sign-on: attempts that are under way, and who came back."""

import secrets
import time
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.sso.client import Attempt, Identity

ATTEMPTS, IDENTITY = "sso_attempts", "sso_identity"  # keys of sessions
SECONDS = 600  # for which both are valid
MOST = 5  # attempts at a time, such as in several tabs


def start(request: HttpRequest, **about: Any) -> tuple[str, Attempt]:
    """Note an attempt to sign in, with what it is `about`, and return its state."""
    attempt = Attempt(
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        redirect_uri=request.build_absolute_uri(reverse("sso_back")),
    )
    state = secrets.token_urlsafe(32)
    noted = {**asdict(attempt), "at": int(time.time()), "about": about}
    others = list(request.session.get(ATTEMPTS, {}).items())[1 - MOST :]
    request.session[ATTEMPTS] = {**dict(others), state: noted}
    return state, attempt


def take(request: HttpRequest, state: str) -> tuple[Attempt, dict[str, Any]] | None:
    """Return an attempt and what it is about, once; None if it is unknown or too old."""
    attempts = request.session.get(ATTEMPTS, {})
    noted = attempts.pop(state, None)
    if noted is None:
        return None
    request.session[ATTEMPTS] = attempts
    at, about = noted.pop("at"), noted.pop("about")
    return (Attempt(**noted), about) if time.time() - at <= SECONDS else None


def remember(request: HttpRequest, identity: Identity) -> None:
    """Keep who came back, until they have chosen a handle."""
    request.session[IDENTITY] = {"at": int(time.time()), **asdict(identity)}


def identity_of(request: HttpRequest) -> Identity | None:
    """Return who came back; None if nobody did, or too long ago."""
    noted = dict(request.session.get(IDENTITY) or {"at": 0})
    return Identity(**noted) if time.time() - noted.pop("at") <= SECONDS else None
