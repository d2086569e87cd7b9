"""Metrics for operators, in Prometheus' format: counters, histograms and gauges.

Each process keeps its counters and histograms; reading sums them over all processes of this
machine. Gauges are functions, called on each read. A test compares docs/metrics.md with DECLARED.
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
    # prometheus_client writes a file for each process to it, from the first metric on.
    settings.METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

REGISTRY = CollectorRegistry()
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
QUERIES = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric: its kind, labels and description, and the function that reads a gauge."""

    kind: str
    labels: tuple[str, ...]
    doc: str
    read: Callable[[], float | None] | None = None


DECLARED: dict[str, Declared] = {}


def counter(name: str, doc: str, *labels: str) -> Counter:
    """Declare a number that only grows. `name` ends in `_total`."""
    DECLARED[name] = Declared("counter", labels, doc)
    return Counter(name, doc, labels, registry=REGISTRY)


def histogram(name: str, doc: str, *labels: str, buckets: Iterable[float] = SECONDS) -> Histogram:
    """Declare a distribution of values, in seconds unless the name says otherwise."""
    DECLARED[name] = Declared("histogram", labels, doc)
    return Histogram(name, doc, labels, buckets=tuple(buckets), registry=REGISTRY)


def gauge(name: str, doc: str, read: Callable[[], float | None]) -> None:
    """Declare a number that `read` returns. Left out while it is None, or without Postgres."""
    DECLARED[name] = Declared("gauge", (), doc, read)


def gauges() -> dict[str, float]:
    """The values of all gauges that can be read now, by name."""
    found = {}
    for name, declared in DECLARED.items():
        if declared.read is not None:
            with suppress(DatabaseError):
                found[name] = declared.read()
    return {name: value for name, value in found.items() if value is not None}


def counted(*, kind: str = "*") -> Iterable[Metric]:
    """All counters and histograms, or those of one kind, summed over this machine's processes."""
    if settings.METRICS_DIR is None:
        return [metric for metric in REGISTRY.collect() if kind in ("*", metric.type)]
    metric_files.fold(settings.METRICS_DIR)
    return metric_files.collect(settings.METRICS_DIR, kind=kind)


def totals() -> dict[str, float]:
    """The values of all counters, by name, with labels in braces as Prometheus writes them."""
    return {
        _sample_name(sample.name, sample.labels): sample.value
        for metric in counted(kind="counter")
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


def _sample_name(name: str, labels: Mapping[str, str]) -> str:
    values = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{values}}}" if values else name


class _Collector:
    """The collector that prometheus_client calls for every metric."""

    def collect(self) -> Iterator[Metric]:
        yield from counted()
        for name, value in gauges().items():
            yield GaugeMetricFamily(name, DECLARED[name].doc, value)


def exposition() -> bytes:
    """All metrics, in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Collector())
    return generate_latest(registry)


# --- Requests, tasks and Redis -------------------------------------------------------------------

http_seconds = histogram(
    "chirp_http_request_seconds",
    "Requests by method, route and status, and how long they took.",
    "method",
    "route",
    "status",
)
# Apart from the statuses above, whose series begin with their first request: an increase from
# nothing is none for Prometheus, so the failures of a site that was well before would not count.
http_failures = counter(
    "chirp_http_requests_failed_total", "Requests that were answered with 5xx, of all routes."
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
tasks_sent = counter("chirp_tasks_sent_total", "Tasks that were sent to the broker.", "task")
breaker_openings = counter(
    "chirp_redis_breaker_openings_total",
    "How often a process found Redis (or a node of it) unavailable and skipped it for a second.",
)


replica_requests = counter(
    "chirp_replica_requests_total",
    "Requests that could be answered by a replica of Postgres: they were (`replica`), the primary "
    "had to because none was far enough (`behind`), in use (`none_in_use`) or known to be "
    "(`unknown`, `redis_away`), or went on there (`left`) or after an error (`failed`).",
    "outcome",
)


def saw_request(*, method: str, route: str, status: int, seconds: float, queries: int) -> None:
    """Count one request, with its duration in seconds and its number of database queries."""
    _request_observer(method if method in METHODS else OTHER, route, status)(seconds)
    if status >= 500:
        http_failures.inc()
    _query_observer(route)(queries)


# Cached, because looking up a labelled child costs more than counting in it. There are few routes.
@cache
def _request_observer(method: str, route: str, status: int) -> Callable[[float], None]:
    return http_seconds.labels(method, route, str(status)).observe


@cache
def _query_observer(route: str) -> Callable[[float], None]:
    return http_queries.labels(route).observe
