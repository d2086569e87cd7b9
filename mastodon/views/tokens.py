"""Tokens of apps: given, revoked, and described."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote

from django.utils import timezone

from accounts.oauth import scopes, services
from accounts.oauth.models import App
from accounts.oauth.services import InvalidClient, NewToken, OAuthError
from chirp.plain_text import is_storable
from mastodon.calls import Call
from mastodon.endpoints import public, user
from mastodon.presenters.accounts import picture_url
from mastodon.replies import Reply

Json = dict[str, Any]
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class UnsupportedGrantType(OAuthError):
    """The app wants a token in a way that there is not."""

    code = "unsupported_grant_type"
    message = "The authorization grant type is not supported by the authorization server."


@public(quota="apps")
def token(call: Call) -> Reply:
    """POST /oauth/token: a token for a code, or for the app itself."""
    kind = call.params.text("grant_type")
    if kind not in ("authorization_code", "client_credentials"):
        raise UnsupportedGrantType
    app = _app(call)
    new = _for_code(call, app) if kind == "authorization_code" else _for_app(call, app)
    return Reply(represent(new), headers=dict(NO_STORE))


def _for_code(call: Call, app: App) -> NewToken:
    params = call.params
    return services.exchange(
        app=app,
        code=params.text("code") or "",
        redirect_uri=params.text("redirect_uri") or "",
        verifier=params.text("code_verifier") or "",
        now=timezone.now(),
    )


def _for_app(call: Call, app: App) -> NewToken:
    wanted = scopes.parse(call.params.text("scope") or "") or list(scopes.DEFAULT)
    return services.app_token(app=app, wanted=wanted)


def represent(new: NewToken) -> Json:
    """A Token."""
    return {
        "access_token": new.token,
        "token_type": "Bearer",
        "scope": " ".join(new.row.scopes),
        "created_at": int(new.row.created_at.timestamp()),
    }


def _app(call: Call) -> App:
    """The app whose credentials the request has. Raises InvalidClient."""
    client_id, secret = _basic(call) or (
        call.params.text("client_id") or "",
        call.params.text("client_secret") or "",
    )
    return services.authenticate_app(client_id=client_id, secret=secret)


def _basic(call: Call) -> tuple[str, str] | None:
    """The credentials of HTTP Basic, if there are any."""
    scheme, _, encoded = call.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded.strip()).decode().partition(":")
    except (binascii.Error, ValueError):
        raise InvalidClient from None
    client_id, secret = unquote(client_id), unquote(secret)
    if not (is_storable(client_id) and is_storable(secret)):
        raise InvalidClient
    return client_id, secret


@public(quota="apps")
def revoke(call: Call) -> Json:
    """POST /oauth/revoke: the token is not valid any more. Idempotent."""
    services.revoke(app=_app(call), token=call.params.text("token") or "")
    return {}


@user("profile", "read")
def userinfo(call: Call) -> Json:
    """GET and POST /oauth/userinfo: who the account is."""
    user, url = call.user, f"{call.base}/@{call.user.handle}"
    return {
        "iss": f"{call.base}/",
        "sub": url,
        "name": user.name,
        "preferred_username": user.handle,
        "profile": url,
        "picture": picture_url(user.avatar, "avatar", call.base),
    }


@public()
def metadata(call: Call) -> Json:
    """GET /.well-known/oauth-authorization-server (RFC 8414)."""
    base = call.base
    return {
        "issuer": f"{base}/",
        "service_documentation": f"{base}/api/docs",
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "app_registration_endpoint": f"{base}/api/v1/apps",
        "scopes_supported": list(scopes.KNOWN),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }
