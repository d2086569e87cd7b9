"""Data of the live page: the components with their last heartbeats, and charts of the last hour.

Samples hold totals since a machine started (operations/models.py). A rate is the difference of two
consecutive samples of one machine, and the rates of all machines are added up. A total that is
lower than the one before was reset by a restart, so all of it was counted since then.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.template.defaultfilters import filesizeformat

from operations.charts import Chart, chart
from operations.heartbeat import HEARTBEAT_SECONDS, RETENTION, SAMPLE_SECONDS
from operations.models import Heartbeat, Sample

SILENT_SECONDS = 3 * HEARTBEAT_SECONDS
REMOVED_SECONDS = 600  # then it is assumed removed: a new container has a new name
SLOTS = int(RETENTION.total_seconds()) // SAMPLE_SECONDS
COMPONENTS = {
    "web": "Web",
    "worker": "Worker",
    "relay": "Relay",
    "scheduler": "Scheduler",
    "stream": "Streams",
    "redis": "Redis",
    "broker": "Broker",
}
READS = "chirp_timeline_reads_total"


@dataclass(frozen=True, slots=True)
class Component:
    """A process or server. `age` is the seconds since its last heartbeat; None without one.

    `version` and `since` are those of a process: Chirp's version, and when it started.
    """

    name: str
    instance: str
    age: float | None
    version: str = ""
    since: datetime | None = None

    @property
    def is_up(self) -> bool:
        """Whether its last heartbeat is recent."""
        return self.age is not None and self.age <= SILENT_SECONDS

    @property
    def is_removed(self) -> bool:
        """Whether it has been silent for so long that it is assumed to be removed on purpose."""
        return self.age is None or self.age > REMOVED_SECONDS


@dataclass(slots=True)
class Moment:
    """The values of all machines in one time slot: gauges, and rates per second by counter."""

    gauges: dict[str, float] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def gauge(self, name: str) -> float | None:
        """The value of a gauge, or None if it could not be read."""
        return self.gauges.get(name)

    def rate(self, counter: str) -> float:
        """The rate of a counter per second, summed over its labels."""
        return sum(rate for name, rate in self.rates.items() if name.partition("{")[0] == counter)

    def hit_rate(self) -> float | None:
        """The percentage of reads that found all timelines warm; None without reads."""
        reads = self.rate(READS)
        return 100 * self.rates[f'{READS}{{state="warm"}}'] / reads if reads else None


@dataclass(frozen=True, slots=True)
class Figure:
    """The definition of a chart: its value in a time slot, and the format of values."""

    title: str
    doc: str
    value: Callable[[Moment], float | None]
    format_value: Callable[[float], str]
    maximum: float | None = None
    alarm_at: float = float("inf")


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure and its chart."""

    figure: Figure
    chart: Chart


def components() -> list[Component]:
    """All components, including missing ones. Postgres is up, or this query would fail.

    An instance that is removed is left out, unless it is the last instance of the component.
    """
    age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    heartbeats = list(Heartbeat.objects.annotate(age=age).order_by("instance"))
    found = [Component("Postgres", "", 0.0)]
    for key, name in COMPONENTS.items():
        instances = [
            Component(
                name,
                heartbeat.instance,
                heartbeat.age.total_seconds(),
                heartbeat.version,
                heartbeat.since,
            )
            for heartbeat in heartbeats
            if heartbeat.part == key
        ]
        present = [instance for instance in instances if not instance.is_removed]
        found += present or [_last_seen(name, instances)]
    return found


def _last_seen(name: str, instances: list[Component]) -> Component:
    never_seen = Component(name, "", None)
    return min(instances, key=lambda instance: instance.age or 0.0, default=never_seen)


def panels(*, now: datetime) -> list[Panel]:
    """All figures with their charts of the hour before `now`."""
    moments = _moments(Sample.objects.filter(at__gt=now - RETENTION).order_by("at"))
    last = _slot(now)
    slots = [moments.get(slot) for slot in range(last - SLOTS, last + 1)]
    return [Panel(figure, _draw(figure, slots)) for figure in FIGURES]


def _draw(figure: Figure, slots: Sequence[Moment | None]) -> Chart:
    values = [None if moment is None else figure.value(moment) for moment in slots]
    return chart(
        values,
        format_value=figure.format_value,
        maximum=figure.maximum,
        alarm_at=figure.alarm_at,
    )


def _slot(time: datetime) -> int:
    return int(time.timestamp()) // SAMPLE_SECONDS


def _moments(samples: Iterable[Sample]) -> dict[int, Moment]:
    moments: dict[int, Moment] = defaultdict(Moment)
    previous: dict[str, Sample] = {}
    for sample in samples:
        moment = moments[_slot(sample.at)]
        _add(moment, sample, previous.get(sample.instance))
        previous[sample.instance] = sample
    return dict(moments)


def _add(moment: Moment, sample: Sample, previous: Sample | None) -> None:
    """Add a sample of one machine. Machines report gauges of shared servers: the worst is kept."""
    for name, value in sample.figures.items():
        if not name.partition("{")[0].endswith("_total"):
            moment.gauges[name] = max(value, moment.gauges.get(name, value))
        elif previous is not None:
            earlier = previous.figures.get(name, 0.0)
            seconds = max((sample.at - previous.at) / timedelta(seconds=1), 1.0)
            moment.rates[name] += (value - earlier if value >= earlier else value) / seconds


# --- Figures -------------------------------------------------------------------------------------


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
        "Age of the oldest unfinished fan-out",
        _gauge("chirp_timeline_fan_out_lag_seconds"),
        _seconds,
        alarm_at=10,
    ),
    Figure(
        "Relay lag",
        "How long the oldest due event has been waiting for a relay",
        _gauge("chirp_outbox_relay_lag_seconds"),
        _seconds,
        alarm_at=10,
    ),
    Figure(
        "Deliveries",
        "Ids pushed into timelines, per second",
        _rate("chirp_timeline_deliveries_total"),
        _number,
    ),
    Figure(
        "Hit rate",
        "Reads of home timelines that found all timelines warm",
        Moment.hit_rate,
        _percent,
        maximum=100,
    ),
    Figure(
        "Rebuilds",
        "Timelines built from Postgres, per minute",
        _rate("chirp_timeline_populates_total", 60),
        _number,
    ),
    Figure(
        "Fallback reads",
        "Reads that continued in Postgres, per minute",
        _rate("chirp_timeline_fallback_reads_total", 60),
        _number,
    ),
    Figure(
        "Unfinished events",
        "Events of the outbox with unfinished tasks",
        _gauge("chirp_outbox_owed_events"),
        _number,
    ),
    Figure(
        "Sent more than once",
        "Events that were sent again and are still unfinished",
        _gauge("chirp_outbox_resent_events"),
        _number,
        alarm_at=1,
    ),
    Figure(
        "Queues",
        "Tasks waiting in the broker",
        _gauge("chirp_queue_messages"),
        _number,
    ),
    Figure(
        "Redis memory",
        "Memory for timelines and all other data",
        _gauge("chirp_redis_memory_bytes"),
        filesizeformat,
    ),
)
