"""What the live page shows: the parts and when they were seen, and charts of the last hour.

Samples hold totals since a machine started (operations/models.py). A rate is the difference of two
that follow each other on one machine, and the rates of all machines are added up. Where a total
fell, its machine started anew, and what it says has all happened since.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.template.defaultfilters import filesizeformat

from operations.charts import Chart, chart
from operations.heartbeat import HEARTBEAT_SECONDS, KEPT, SAMPLE_SECONDS
from operations.models import Heartbeat, Sample

SILENT_SECONDS = 3 * HEARTBEAT_SECONDS
FORGOTTEN_SECONDS = 600  # containers have another name each time they are made
SLOTS = int(KEPT.total_seconds()) // SAMPLE_SECONDS
PARTS = {
    "web": "Web",
    "worker": "Worker",
    "relay": "Relay",
    "scheduler": "Scheduler",
    "redis": "Redis",
    "broker": "Broker",
}
READS = "chirp_timeline_reads_total"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: when it was last seen, in seconds; None where it was not seen in the last hour."""

    name: str
    instance: str
    age: float | None

    @property
    def well(self) -> bool:
        """Whether it is there."""
        return self.age is not None and self.age <= SILENT_SECONDS

    @property
    def forgotten(self) -> bool:
        """Whether it has been silent for so long that it must have been taken away."""
        return self.age is None or self.age > FORGOTTEN_SECONDS


@dataclass(slots=True)
class Moment:
    """All machines at one time: gauges, and what was counted, a second."""

    gauges: dict[str, float] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def gauge(self, name: str) -> float | None:
        """A gauge, if it could be read."""
        return self.gauges.get(name)

    def rate(self, counter: str) -> float:
        """A counter, a second, whatever its labels."""
        return sum(v for k, v in self.rates.items() if k.partition("{")[0] == counter)

    def hits(self) -> float | None:
        """The percentage of reads that found everything warm; None without a read."""
        reads = self.rate(READS)
        return 100 * self.rates[f'{READS}{{state="warm"}}'] / reads if reads else None


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the charts: what it shows, and how it is written."""

    title: str
    doc: str
    value: Callable[[Moment], float | None]
    show: Callable[[float], str]
    top: float | None = None
    alarm: float = float("inf")


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure with its chart."""

    figure: Figure
    chart: Chart


def parts() -> list[Part]:
    """Every part, those that are missing too. Postgres is there, or nobody could ask.

    A machine that is gone for long is forgotten, unless it was the last one with that part.
    """
    age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    beats = list(Heartbeat.objects.annotate(age=age).order_by("instance"))
    found = [Part("Postgres", "", 0.0)]
    for part, name in PARTS.items():
        rows = [Part(name, b.instance, b.age.total_seconds()) for b in beats if b.part == part]
        found += [row for row in rows if not row.forgotten] or _last(name, rows)
    return found


def _last(name: str, rows: list[Part]) -> list[Part]:
    return [min(rows, key=lambda row: row.age or 0.0)] if rows else [Part(name, "", None)]


def panels(*, now: datetime) -> list[Panel]:
    """The charts, each over the hour before `now`."""
    moments = _moments(Sample.objects.filter(at__gt=now - KEPT).order_by("at"))
    last = _slot(now)
    slots = [moments.get(slot) for slot in range(last - SLOTS, last + 1)]
    return [Panel(figure, _drawn(figure, slots)) for figure in FIGURES]


def _drawn(figure: Figure, slots: Sequence[Moment | None]) -> Chart:
    values = [None if moment is None else figure.value(moment) for moment in slots]
    return chart(values, show=figure.show, top=figure.top, alarm=figure.alarm)


def _slot(time: datetime) -> int:
    return int(time.timestamp()) // SAMPLE_SECONDS


def _moments(samples: Iterable[Sample]) -> dict[int, Moment]:
    moments: dict[int, Moment] = defaultdict(Moment)
    before: dict[str, Sample] = {}
    for sample in samples:
        moment = moments[_slot(sample.at)]
        _add(moment, sample, before.get(sample.instance))
        before[sample.instance] = sample
    return dict(moments)


def _add(moment: Moment, sample: Sample, before: Sample | None) -> None:
    """Add one machine to a moment. Gauges are of what all machines share: the worst counts."""
    for name, value in sample.figures.items():
        if not name.partition("{")[0].endswith("_total"):
            moment.gauges[name] = max(value, moment.gauges.get(name, value))
        elif before is not None:
            earlier = before.figures.get(name, 0.0)
            seconds = max((sample.at - before.at) / timedelta(seconds=1), 1.0)
            moment.rates[name] += (value - earlier if value >= earlier else value) / seconds


# --- What is shown -------------------------------------------------------------------------------


def _seconds(value: float) -> str:
    if 0 < value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.3g} s" if value < 120 else f"{value / 60:.0f} min"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def _percent(value: float) -> str:
    return f"{value:.0f} %" if value in (0, 100) else f"{value:.1f} %"


def _gauge(name: str) -> Callable[[Moment], float | None]:
    return lambda moment: moment.gauge(name)


def _rate(name: str, seconds: int = 1) -> Callable[[Moment], float | None]:
    return lambda moment: moment.rate(name) * seconds


FIGURES = (
    Figure(
        "Fan-out lag",
        "Age of the oldest fan-out that is not done",
        _gauge("chirp_timeline_fan_out_lag_seconds"),
        _seconds,
        alarm=10,
    ),
    Figure(
        "Relay lag",
        "How long the oldest due event has waited for a relay",
        _gauge("chirp_outbox_relay_lag_seconds"),
        _seconds,
        alarm=10,
    ),
    Figure(
        "Deliveries",
        "Ids pushed into timelines, a second",
        _rate("chirp_timeline_deliveries_total"),
        _number,
    ),
    Figure(
        "Hit rate",
        "Reads of home timelines that found everything warm",
        Moment.hits,
        _percent,
        top=100,
    ),
    Figure(
        "Rebuilds",
        "Timelines built from Postgres, a minute",
        _rate("chirp_timeline_populates_total", 60),
        _number,
    ),
    Figure(
        "Fallback reads",
        "Reads that went on in Postgres, a minute",
        _rate("chirp_timeline_fallback_reads_total", 60),
        _number,
    ),
    Figure(
        "Owed events",
        "Events of the outbox whose work is not done",
        _gauge("chirp_outbox_owed_events"),
        _number,
    ),
    Figure(
        "Sent more than once",
        "Events that were repeated and still are not done",
        _gauge("chirp_outbox_resent_events"),
        _number,
        alarm=1,
    ),
    Figure(
        "Queues",
        "Tasks that wait in the broker",
        _gauge("chirp_queue_messages"),
        _number,
    ),
    Figure(
        "Redis memory",
        "For timelines and everything else in it",
        _gauge("chirp_redis_memory_bytes"),
        filesizeformat,
    ),
)
