"""Traces of requests and of the work that follows from them, for OpenTelemetry: docs/traces.md.

Without `OTLP_ENDPOINT` nothing of OpenTelemetry is imported, and `span` returns a context manager
that does nothing. Spans say where time goes, and name no account: they have names, counts and
types of errors, and no ids, paths, texts or parameters.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from chirp.observability.spans import Attributes, GetResponse, Kind

_NOTHING: AbstractContextManager[None] = nullcontext()


def are_on() -> bool:
    """Whether this site exports traces."""
    return bool(settings.OTLP_ENDPOINT)


def span(name: str, **attributes: str | int) -> AbstractContextManager["Span | None"]:
    """Measure a block as part of the current trace. Does nothing outside of a trace."""
    if not are_on():
        return _NOTHING
    from chirp.observability import spans

    return spans.child(name, attributes)


def root(name: str) -> AbstractContextManager["Span | None"]:
    """Begin a trace with a block that no request caused."""
    if not are_on():
        return _NOTHING
    from chirp.observability import spans

    return spans.root(name, "consumer", {})


def current() -> str | None:
    """Return the current span as the `traceparent` of W3C; None outside of a sampled trace."""
    if not are_on():
        return None
    from chirp.observability import spans

    return spans.current()


def continued(
    name: str, kind: "Kind", parents: Sequence[str | None], attributes: "Attributes"
) -> AbstractContextManager[list[str | None]]:
    """Measure a block in each of the traces that caused it, by the `traceparent` of a span in it.

    Gives the `traceparent` of the block's span in each of them, or None where there was none. Spans
    within the block belong to the first trace. The spans of the others are linked to it.
    """
    if not are_on() or not any(parents):
        return nullcontext([None] * len(parents))
    from chirp.observability import spans

    return spans.continued(name, kind, parents, attributes)


def export_rest() -> None:
    """Export what is not exported yet: processes of Celery run no exit handlers as others do."""
    if are_on():
        from chirp.observability import spans

        spans.provider().shutdown()


def around_requests(
    get_response: "GetResponse", route_of: Callable[[HttpRequest], str]
) -> "GetResponse":
    """Return `get_response` with a trace around each request; the same one if traces are off."""
    if not are_on():
        return get_response
    from chirp.observability import spans

    return spans.around_requests(get_response, route_of)
