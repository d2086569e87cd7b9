"""Content negotiation, with a shortcut for views that have a single renderer."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANY = "*/*"


class OneRendererNegotiation(DefaultContentNegotiation):
    """Select a renderer as the base class does, but skip parsing `Accept` where there is no choice.

    The base class parses the headers of every request, even if the view has a single renderer.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """A tuple of the renderer and the accepted media type. Raises Http404 or NotAcceptable."""
        first, *others = known = list(renderers)
        plain = request._request  # the wrapper makes each access to an attribute slower
        no_choice = not (others or format_suffix or "format" in plain.GET)
        if no_choice and plain.META.get("HTTP_ACCEPT", ANY) in (ANY, first.media_type):
            return first, first.media_type
        return super().select_renderer(request, known, format_suffix)


class FirstRenderer(DefaultContentNegotiation):
    """Negotiate nothing: an EventSource accepts event streams only, and its errors are JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """A tuple of the first renderer and its media type."""
        first, *_ = renderers
        return first, first.media_type
