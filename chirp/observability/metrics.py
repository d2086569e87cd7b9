"""Figures for operators, as Prometheus reads them: what is counted here, and what is asked for.

Counters and histograms are kept by each process and summed over all of this machine when somebody
looks. Gauges are functions, called at that moment. docs/metrics.md is held to DECLARED by a test.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily

from chirp.observability import metric_files

if settings.METRICS_DIR is not None:
    # prometheus_client writes a file for each process there, from the first metric on.
    settings.METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

OURS = CollectorRegistry()
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
QUERIES = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric: its kind, the labels it comes with, and what it says."""

    kind: str
    labels: tuple[str, ...]
    doc: str
    read: Callable[[], float | None] | None = None


DECLARED: dict[str, Declared] = {}


def counter(name: str, doc: str, *labels: str) -> Counter:
    """A number that only grows; `name` ends in `_total`."""
    DECLARED[name] = Declared("counter", labels, doc)
    return Counter(name, doc, labels, registry=OURS)


def histogram(name: str, doc: str, *labels: str, buckets: Iterable[float] = SECONDS) -> Histogram:
    """How many there were, and how large they were; seconds unless the name says otherwise."""
    DECLARED[name] = Declared("histogram", labels, doc)
    return Histogram(name, doc, labels, buckets=tuple(buckets), registry=OURS)


def gauge(name: str, doc: str, read: Callable[[], float | None]) -> None:
    """A number that is asked for when somebody looks. Left out while None, or Postgres is away."""
    DECLARED[name] = Declared("gauge", (), doc, read)


def gauges() -> dict[str, float]:
    """Every gauge that can be read now."""
    found = {}
    for name, declared in DECLARED.items():
        if declared.read is not None:
            with suppress(DatabaseError):
                found[name] = declared.read()
    return {name: value for name, value in found.items() if value is not None}


def counted(*, kind: str = "*") -> Iterable[Metric]:
    """Every counter and histogram, or only each `counter`, summed over this machine's processes."""
    if settings.METRICS_DIR is None:
        return [metric for metric in OURS.collect() if kind in ("*", metric.type)]
    metric_files.fold(settings.METRICS_DIR)
    return metric_files.collect(settings.METRICS_DIR, kind=kind)


def totals() -> dict[str, float]:
    """The counters as plain numbers: by name, with labels in braces as Prometheus writes them."""
    return {
        _written(sample.name, sample.labels): sample.value
        for metric in counted(kind="counter")
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


def _written(name: str, labels: Mapping[str, str]) -> str:
    values = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{values}}}" if values else name


class _Everything:
    """Prometheus' way of asking: a collector."""

    def collect(self) -> Iterator[Metric]:
        yield from counted()
        for name, value in gauges().items():
            yield GaugeMetricFamily(name, DECLARED[name].doc, value)


def exposition() -> bytes:
    """All of it, in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Everything())
    return generate_latest(registry)


# --- Requests, tasks and Redis -------------------------------------------------------------------

http_seconds = histogram(
    "chirp_http_request_seconds",
    "Requests by method, route and status, and how long they took.",
    "method",
    "route",
    "status",
)
http_queries = histogram(
    "chirp_http_request_queries",
    "Database queries that a request took, by route.",
    "route",
    buckets=QUERIES,
)
task_seconds = histogram(
    "chirp_task_seconds",
    "Tasks of the workers by name and outcome, and how long they took.",
    "task",
    "state",
)
tasks_sent = counter("chirp_tasks_sent_total", "Tasks that were given to the broker.", "task")
breaker_openings = counter(
    "chirp_redis_breaker_openings_total",
    "How often a process found Redis (or a node of it) away, and did without it for a second.",
)


def saw_request(*, method: str, route: str, status: int, seconds: float, queries: int) -> None:
    """Count one request."""
    _of_requests(method if method in METHODS else OTHER, route, status)(seconds)
    _of_queries(route)(queries)


# Looking a labelled child up costs more than counting in it. There are few routes.
@cache
def _of_requests(method: str, route: str, status: int) -> Callable[[float], None]:
    return http_seconds.labels(method, route, str(status)).observe


@cache
def _of_queries(route: str) -> Callable[[float], None]:
    return http_queries.labels(route).observe
