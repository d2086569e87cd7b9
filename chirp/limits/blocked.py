"""Refuse requests of blocked networks, before anything else looks at them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from chirp import hooks
from chirp.error_handlers import error_response
from chirp.errors import ChirpError
from chirp.limits.addresses import client_address

# Monitoring must work whatever is blocked, and without Postgres.
OPEN = ("/healthz", "/readyz", "/metrics", "/status", "/api/status")
View = Callable[[HttpRequest], HttpResponse]


class BlockedNetworks:
    """Middleware that asks the hook `request.arriving` about the client's address."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or answer 403."""
        if request.path in OPEN:
            return self.get_response(request)
        try:
            hooks.run("request.arriving", address=client_address(request.META))
        except ChirpError as error:
            return error_response(request, 403, error.detail)
        return self.get_response(request)
