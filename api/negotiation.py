"""Which renderer answers: the only one there is, for nearly every client."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANY = "*/*"


class OneRendererNegotiation(DefaultContentNegotiation):
    """As Django REST Framework's, which takes headers apart even where there is no choice."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """(renderer, media type that was accepted). Http404 or NotAcceptable."""
        first, *others = known = list(renderers)
        no_choice = not (others or format_suffix or "format" in request.GET)
        if no_choice and request.META.get("HTTP_ACCEPT", ANY) in (ANY, first.media_type):
            return first, first.media_type
        return super().select_renderer(request, known, format_suffix)
