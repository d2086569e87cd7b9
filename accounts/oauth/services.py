"""Register apps, and give, find and revoke their tokens."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.crypto import constant_time_compare

from accounts.events import SignInsEnded
from accounts.joining import waiting
from accounts.models import User
from accounts.oauth import redirects, scopes
from accounts.oauth.models import NAME_LENGTH, WEBSITE_LENGTH, App, AppToken, Grant
from chirp.db import routing
from chirp.errors import ChirpError, Kind
from chirp.plain_text import clean_line
from chirp.texts import text as _
from outbox.services import publish

MAX_REDIRECTS = 20
MAX_SCOPES = 60


class BadApp(ChirpError):
    """The app cannot be registered like this."""


class OAuthError(ChirpError):
    """What an app did wrong, with the code that OAuth has for it."""

    code: ClassVar[str] = "invalid_request"


class InvalidClient(OAuthError):
    """There is no such app, or the secret is wrong."""

    kind = Kind.UNAUTHENTICATED
    code = "invalid_client"
    message = _("There is no such app, or its secret is wrong.")


class InvalidGrant(OAuthError):
    """The code does not exist, was used, has expired, or belongs to another request."""

    code = "invalid_grant"
    message = _("The code is unknown, expired or used, or was given for another request.")


class InvalidScope(OAuthError):
    """The app asks for more than it registered, or for something unknown."""

    code = "invalid_scope"
    message = _("The requested scope is unknown, or more than the app registered.")


class ForeignToken(OAuthError):
    """An app wants to revoke the token of another app."""

    kind = Kind.NOT_ALLOWED
    code = "unauthorized_client"
    message = _("You are not authorized to revoke this token.")


@dataclass(frozen=True, slots=True)
class NewApp:
    """A registered app and its secret, which is not stored."""

    app: App
    secret: str


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its row."""

    token: str
    row: AppToken


def register_app(
    *, name: str, redirect_uris: Sequence[str], wanted: Sequence[str], website: str = ""
) -> NewApp:
    """Register an app. Raises BadApp and BadText."""
    name = clean_line(name, field="client_name", limit=NAME_LENGTH)
    if not name:
        raise BadApp("Name can't be blank")
    if not 0 < len(redirect_uris) <= MAX_REDIRECTS:
        raise BadApp("Redirect URI can't be blank" if not redirect_uris else "Too many URIs")
    if not all(map(redirects.is_acceptable, redirect_uris)):
        raise BadApp("Redirect URI must be an absolute URI")
    if len(wanted) > MAX_SCOPES or scopes.unknown(wanted):
        raise BadApp("Scopes doesn't match configured on the server")
    secret = secrets.token_urlsafe(32)
    app = App.objects.create(
        name=name,
        website=_checked_website(website),
        redirect_uris="\n".join(redirect_uris),
        scopes=scopes.grantable(wanted) or list(scopes.DEFAULT),
        client_id=secrets.token_urlsafe(32),
        secret_hash=_digest(secret),
    )
    return NewApp(app, secret)


def _checked_website(website: str) -> str:
    website = clean_line(website, field="website", limit=WEBSITE_LENGTH)
    is_web = redirects.scheme(website) in ("http", "https") and redirects.is_acceptable(website)
    if website and not is_web:
        raise BadApp("Website must be a valid URL")
    return website


def find_app(*, client_id: str, redirect_uri: str) -> App | None:
    """Return the app with this id, if it registered the URI."""
    app = App.objects.filter(client_id=client_id).first()
    return app if app and redirect_uri in app.redirect_uris.split("\n") else None


def authorize(
    *, user: User, app: App, redirect_uri: str, wanted: Sequence[str], challenge: str, now: datetime
) -> str:
    """Store the consent of an account, and return the code for the app. Raises InvalidScope."""
    code = secrets.token_urlsafe(32)
    Grant.objects.create(
        app=app,
        user=user,
        code_hash=_digest(code),
        redirect_uri=redirect_uri,
        scopes=granted(app, wanted),
        challenge=challenge,
        user_version=user.token_version,
        expires_at=now + Grant.LIFETIME,
    )
    return code


def granted(app: App, wanted: Sequence[str]) -> list[str]:
    """Return those of the wanted scopes that the app can get. Raises InvalidScope."""
    possible = scopes.grantable(wanted)
    if scopes.unknown(wanted) or not possible or not scopes.are_within(possible, app.scopes):
        raise InvalidScope
    return possible


def authenticate_app(*, client_id: str, secret: str) -> App:
    """Return the app with these credentials. Raises InvalidClient."""
    app = App.objects.filter(client_id=client_id).first()
    if app is None or not constant_time_compare(app.secret_hash, _digest(secret)):
        raise InvalidClient
    return app


def exchange(*, app: App, code: str, redirect_uri: str, verifier: str, now: datetime) -> NewToken:
    """Exchange a code for the token of an account. Raises InvalidGrant.

    A code that comes a second time has been copied, so that the token that it gave is revoked.
    """
    with transaction.atomic():
        grants = Grant.objects.select_for_update(of=("self",)).select_related("user")
        grant = grants.filter(code_hash=_digest(code), app=app).first()
        if grant is not None and grant.used_at is None:
            Grant.objects.filter(pk=grant.pk).update(used_at=now)
            if _fits(grant, redirect_uri, verifier, now):
                return _new_token(app, grant.scopes, grant=grant)
        elif grant is not None:
            AppToken.objects.filter(grant=grant).delete()
    raise InvalidGrant


def _fits(grant: Grant, redirect_uri: str, verifier: str, now: datetime) -> bool:
    """Whether a code may be exchanged by this request."""
    user = grant.user
    is_alive = user.is_active and user.token_version == grant.user_version
    if not is_alive or grant.expires_at <= now or grant.redirect_uri != redirect_uri:
        return False
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return not grant.challenge or constant_time_compare(grant.challenge, digest)


def app_token(*, app: App, wanted: Sequence[str]) -> NewToken:
    """Return a token for the app itself. Raises InvalidScope."""
    with transaction.atomic():
        return _new_token(app, granted(app, wanted))


def user_token(*, app: App, user: User, held: Sequence[str]) -> NewToken:
    """Return a token for an account that was made through the app."""
    with transaction.atomic():
        return _new_token(app, held, user=user)


def _new_token(
    app: App, held: Sequence[str], *, user: User | None = None, grant: Grant | None = None
) -> NewToken:
    token = secrets.token_urlsafe(32)
    owner = grant.user if grant else user
    row = AppToken.objects.create(
        app=app,
        user=owner,
        token_hash=_digest(token),
        scopes=list(held),
        user_version=owner.token_version if owner else 0,
        grant=grant,
    )
    row.refresh_from_db(fields=["created_at"])
    App.objects.filter(pk=app.pk, used=False).update(used=True)
    return NewToken(token, row)


def find_token(*, token: str) -> AppToken | None:
    """Return the row of a token that is valid, with its app and its account.

    Raises NotApproved or NotConfirmed if the account is new and waits.
    """
    row = _token(token)
    if row is None and routing.leave_replica():  # it may be new
        row = _token(token)
    if row is not None and row.user_id is not None and routing.reader_is(row.user_id):
        row = _token(token)
    if row is None or row.user is None:
        return row
    waiting.check(row.user)
    is_alive = row.user.is_active and row.user.token_version == row.user_version
    return row if is_alive else None


def _token(token: str) -> AppToken | None:
    rows = AppToken.objects.select_related("app", "user")
    return rows.filter(token_hash=_digest(token)).first()


def revoke(*, app: App, token: str) -> None:
    """Revoke a token of the app. Idempotent. Raises ForeignToken."""
    row = AppToken.objects.filter(token_hash=_digest(token)).first()
    if row is not None and row.app_id != app.pk:
        raise ForeignToken
    if row is not None:
        _end_tokens(AppToken.objects.filter(pk=row.pk))


@dataclass(frozen=True, slots=True)
class AuthorizedApp:
    """An app with valid tokens of an account, with what they allow, the newest since `since`."""

    app: App
    may: list[str]
    since: datetime


def authorized_apps(*, user: User) -> list[AuthorizedApp]:
    """Return the apps with valid tokens of an account, the latest first. Makes one query."""
    tokens = AppToken.objects.filter(user=user, user_version=F("user__token_version"))
    by_app: dict[int, list[AppToken]] = {}
    for row in tokens.select_related("app").order_by("-pk"):
        by_app.setdefault(row.app_id, []).append(row)
    return [
        AuthorizedApp(
            rows[0].app,
            scopes.in_words(scope for row in rows for scope in row.scopes),
            rows[0].created_at,
        )
        for rows in by_app.values()
    ]


def revoke_app(*, user: User, app_id: int) -> None:
    """Revoke all tokens and codes of an app for an account. Idempotent."""
    Grant.objects.filter(user=user, app=app_id).delete()
    _end_tokens(AppToken.objects.filter(user=user, app=app_id))


@transaction.atomic
def _end_tokens(rows: QuerySet[AppToken]) -> None:
    users = set(rows.exclude(user=None).values_list("user_id", flat=True))
    rows.delete()
    for user_id in users:
        publish(SignInsEnded(user_id=user_id or 0))


def forget_expired(*, now: datetime) -> None:
    """Delete expired codes, tokens that ended, and apps that were never used."""
    Grant.objects.filter(expires_at__lt=now).delete()
    AppToken.objects.filter(user_version__lt=F("user__token_version")).delete()
    App.objects.filter(used=False, created_at__lt=now - App.UNUSED_KEPT).delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
