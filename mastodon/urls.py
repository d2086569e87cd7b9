"""URLs of the Mastodon API. A slash at the end is accepted everywhere, without a redirect.

They are grouped by their first segments, so that other requests are compared with few of them.
"""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, include, path

from mastodon.routes import ROUTES
from mastodon.views import consent

PREFIXES = ("api/v1/", "api/v2/", "oauth/", ".well-known/", "nodeinfo/")


def _below(prefix: str) -> Iterator[URLPattern]:
    for route in ROUTES:
        if route.path.startswith(prefix):
            rest = route.path.removeprefix(prefix)
            yield path(rest, route)
            yield path(f"{rest}/", route)


urlpatterns: list[URLPattern | URLResolver] = [
    *(path(prefix, include(list(_below(prefix)))) for prefix in PREFIXES),
    path("oauth/authorize", consent.authorize, name="oauth_authorize"),
    path("oauth/authorize/", consent.authorize),
    path("oauth/authorize/native", consent.native, name="oauth_native"),
    path("oauth/authorize/native/", consent.native),
]
