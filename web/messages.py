"""Messages of the site that are shown once, on the next page."""

from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest

from web.limits import API_PAGES


class Messages(MessageMiddleware):
    """Django's middleware, for pages: the API has no messages."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request its messages."""
        if not request.path.startswith("/api/") or request.path in API_PAGES:
            super().process_request(request)
