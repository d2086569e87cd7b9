"""All addresses of the API, with the endpoints by method."""

from mastodon.endpoints import Endpoint, Route
from mastodon.views import apps, tokens

V1, V2 = "api/v1", "api/v2"


def route(path: str, **methods: Endpoint) -> Route:
    """An address below the root of the site."""
    return Route(path, methods)


ROUTES = [
    route(f"{V1}/apps", POST=apps.register),
    route(f"{V1}/apps/verify_credentials", GET=apps.verify_credentials),
    route("oauth/token", POST=tokens.token),
    route("oauth/revoke", POST=tokens.revoke),
    route("oauth/userinfo", GET=tokens.userinfo, POST=tokens.userinfo),
    route(".well-known/oauth-authorization-server", GET=tokens.metadata),
]
