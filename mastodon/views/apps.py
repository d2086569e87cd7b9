"""Apps that register themselves (sections of Mastodon's documentation: apps, oauth)."""

from typing import Any

from accounts.oauth import scopes, services
from accounts.oauth.models import App
from mastodon.calls import Call
from mastodon.endpoints import app, public
from notifications.push import vapid

Json = dict[str, Any]


@public(quota="apps")
def register(call: Call) -> Json:
    """POST /api/v1/apps: a new app, with its secret."""
    params = call.params
    new = services.register_app(
        name=params.text("client_name") or "",
        redirect_uris=[uri for text in params.texts("redirect_uris") for uri in text.split()],
        wanted=[name for text in params.texts("scopes") for name in scopes.parse(text)]
        or list(scopes.DEFAULT),
        website=params.text("website") or "",
    )
    credentials = {
        "client_id": new.app.client_id,
        "client_secret": new.secret,
        "client_secret_expires_at": 0,
    }
    return {**represent(new.app), **credentials}


@app()
def verify_credentials(call: Call) -> Json:
    """GET /api/v1/apps/verify_credentials: the app of the token."""
    assert call.token is not None
    return represent(call.token.app)


def represent(app: App) -> Json:
    """An Application."""
    return {
        "id": str(app.pk),
        "name": app.name,
        "website": app.website or None,
        "scopes": app.scopes,
        "redirect_uris": app.redirect_uris.split("\n"),
        "redirect_uri": app.redirect_uris,
        "vapid_key": vapid.public_key(),
    }
