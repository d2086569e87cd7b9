"""Middleware: browsers may call this API from pages of any site (CORS).

No cookie is accepted there, so that a foreign page can do nothing that its own server could not.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIXES = (
    *("/api/v1", "/api/v2", "/oauth/token", "/oauth/revoke", "/oauth/userinfo"),
    *("/.well-known/", "/nodeinfo", "/media/"),
)
METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
HEADERS = "Authorization, Content-Type, Idempotency-Key"
EXPOSED = (
    "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, "
    "Idempotency-Key, Retry-After"
)
View = Callable[[HttpRequest], HttpResponse]


class CrossOrigin:
    """Answer preflight requests, and let scripts read all responses, errors included."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, unless it is a preflight request."""
        if not request.path.startswith(PREFIXES):
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = _preflight(request)
        else:
            response = self.get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


def _preflight(request: HttpRequest) -> HttpResponse:
    wanted = request.headers.get("Access-Control-Request-Headers", "")
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = METHODS
    response["Access-Control-Allow-Headers"] = wanted or HEADERS
    response["Access-Control-Max-Age"] = "7200"
    response["Cache-Control"] = "no-store"
    return response
