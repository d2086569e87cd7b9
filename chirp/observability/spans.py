"""Spans of OpenTelemetry and their export by OTLP. Imported only where traces are on.

The SDK collects ended spans in memory and sends them from a thread of its own. It drops spans when
the collector does not take them, so requests and tasks never wait for it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    StatusCode,
    get_current_span,
    set_span_in_context,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chirp.db import statement_timeout
from chirp.observability import logs
from chirp.observability.metrics import METHODS
from chirp.version import VERSION

Kind = Literal["internal", "server", "producer", "consumer", "client"]
Attributes = Mapping[str, str | int]
GetResponse = Callable[[HttpRequest], HttpResponse]
EXPORT_SECONDS = 5.0
# Load balancers and Prometheus send these every few seconds, and files need no trace.
UNTRACED = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL)
# What a statement does, and to which table: words of the code, and never a value.
OPERATION = re.compile(r"\s*(\w+)")
TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"?(\w+)')
_propagator = TraceContextTextMapPropagator()


@cache
def provider() -> TracerProvider:
    """The provider of this process. It exports until the process ends."""
    part = statement_timeout.part_of_this_process() or "command"
    made = TracerProvider(
        sampler=ParentBasedTraceIdRatio(1 / settings.OTLP_SAMPLE_ONE_IN),
        resource=Resource.create({"service.name": f"chirp-{part}", "service.version": VERSION}),
    )
    exporter = OTLPSpanExporter(
        endpoint=f"{settings.OTLP_ENDPOINT.rstrip('/')}/v1/traces",
        timeout=EXPORT_SECONDS,
        compression=Compression.Gzip,
    )
    made.add_span_processor(BatchSpanProcessor(exporter))
    return made


@contextmanager
def root(name: str, kind: Kind, attributes: Attributes) -> Iterator[Span]:
    """Begin a trace, if it is sampled."""
    with _using(_start(name, kind, None, attributes)) as span:
        logs.note(trace_id=_trace_id(span))
        yield span


@contextmanager
def child(name: str, attributes: Attributes, kind: Kind = "internal") -> Iterator[Span | None]:
    """Measure a block in the current trace."""
    parent = get_current_span()
    if not parent.is_recording():
        yield None
        return
    with _using(_start(name, kind, parent, attributes)) as span:
        yield span


def current() -> str | None:
    """Return the `traceparent` of the current span, if it is sampled."""
    return _traceparent(get_current_span())


@contextmanager
def continued(
    name: str, kind: Kind, parents: Sequence[str | None], attributes: Attributes
) -> Iterator[list[str | None]]:
    """See `traces.continued`."""
    spans: list[Span | None] = []
    links: list[Link] = []
    with ExitStack() as stack:
        for parent in parents:
            if parent is None:
                spans.append(None)
                continue
            span = _start(name, kind, _span_of(parent), attributes, links)
            stack.enter_context(_using(span, as_current=not links))
            links = links or [Link(span.get_span_context())]
            spans.append(span)
        logs.note(trace_id=_trace_id(get_current_span()))
        stack.enter_context(connection.execute_wrapper(_measure_statement))
        yield [None if span is None else _traceparent(span) for span in spans]


def around_requests(
    get_response: GetResponse, route_of: Callable[[HttpRequest], str]
) -> GetResponse:
    """See `traces.around_requests`."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(UNTRACED):
            return get_response(request)
        method = request.method if request.method in METHODS else "_OTHER"
        with root(str(method), "server", {"http.request.method": str(method)}) as span:
            if not span.is_recording():
                return get_response(request)
            with connection.execute_wrapper(_measure_statement):
                response = get_response(request)
            _describe(span, f"{method} {route_of(request)}", route_of(request), response)
            return response

    return respond


def _describe(span: Span, name: str, route: str, response: HttpResponse) -> None:
    span.update_name(name)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", response.status_code)
    if response.status_code >= 500:
        span.set_status(StatusCode.ERROR)


def _measure_statement(execute: Callable[..., Any], sql: Any, *args: Any) -> Any:
    """Measure a statement of the database, under what it does and the name of its first table."""
    operation, table = _summary(sql)
    attributes = {"db.system.name": "postgresql", "db.operation.name": operation}
    if table:
        attributes["db.collection.name"] = table
    with child(f"{operation} {table}".strip(), attributes, "client"):
        return execute(sql, *args)


def _summary(sql: Any) -> tuple[str, str]:
    operation = OPERATION.match(sql) if isinstance(sql, str) else None
    if operation is None:
        return "SQL", ""  # composed by psycopg, perhaps with values
    table = TABLE.search(sql)
    return operation[1].upper(), table[1] if table else ""


def _start(
    name: str,
    kind: Kind,
    parent: Span | None,
    attributes: Attributes,
    links: Sequence[Link] = (),
) -> Span:
    return (
        provider()
        .get_tracer("chirp")
        .start_span(
            name,
            context=Context() if parent is None else set_span_in_context(parent, Context()),
            kind=SpanKind[kind.upper()],
            attributes=dict(attributes),
            links=list(links),
        )
    )


@contextmanager
def _using(span: Span, *, as_current: bool = True) -> Iterator[Span]:
    """End a span after a block. An error is noted as its type: its message may quote a text."""
    try:
        if as_current:
            with use_span(span, record_exception=False, set_status_on_exception=False):
                yield span
        else:
            yield span
    except BaseException as error:
        span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(StatusCode.ERROR)
        raise
    finally:
        span.end()


def _span_of(traceparent: str) -> Span:
    return get_current_span(_propagator.extract({"traceparent": traceparent}))


def _traceparent(span: Span) -> str | None:
    carrier: dict[str, str] = {}
    if span.get_span_context().trace_flags.sampled:
        _propagator.inject(carrier, set_span_in_context(span))
    return carrier.get("traceparent")


def _trace_id(span: Span) -> str | None:
    context = span.get_span_context()
    return f"{context.trace_id:032x}" if context.trace_flags.sampled else None
