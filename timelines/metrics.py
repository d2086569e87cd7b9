"""The metrics of timelines: pushes and deliveries, reads and rebuilds, celebrities."""

from chirp import ids
from chirp.observability.metrics import counter, gauge, histogram
from outbox import services as outbox

FAN_OUTS = ("timelines.fan_out", "timelines.fan_out_range")
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

fan_outs = counter(
    "chirp_timeline_fan_outs_total",
    "Fan-outs done: one a tweet, or a range of at most 5,000 followers.",
)
pushes = counter("chirp_timeline_pushes_total", "Timelines that fan-outs offered a tweet to.")
deliveries = counter(
    "chirp_timeline_deliveries_total", "Ids that were pushed: the timeline was warm, the id new."
)
delivery_seconds = histogram(
    "chirp_timeline_delivery_seconds",
    "From the moment a tweet's id was drawn, just before its commit, to the end of a fan-out.",
    buckets=LATENCIES,
)
reads = counter(
    "chirp_timeline_reads_total",
    "Reads of ids of a home timeline from Redis: all sets `warm`, some `cold`, or Redis `away`.",
    "state",
)
fallback_reads = counter(
    "chirp_timeline_fallback_reads_total",
    "Reads that went on in Postgres: `redis_away`, `being_built` elsewhere, or `below_floor`.",
    "reason",
)
populates = counter(
    "chirp_timeline_populates_total",
    "Sets built from Postgres, `home` or `author`: `finished`, or `lost` (the lease had ended).",
    "kind",
    "outcome",
)
merges = counter("chirp_timeline_merges_total", "New followees merged into a warm timeline.")
unmerges = counter("chirp_timeline_unmerges_total", "Former followees taken out of a timeline.")
retracts = counter("chirp_timeline_retracts_total", "Deleted tweets taken out of timelines.")
promotions = counter("chirp_timeline_promotions_total", "Authors who became celebrities: pulled.")
demotions = counter("chirp_timeline_demotions_total", "Authors who are on the way to be pushed.")

gauge(
    "chirp_timeline_fan_out_lag_seconds",
    "The age of the oldest fan-out that is not done.",
    lambda: outbox.unfinished_seconds(FAN_OUTS),
)
# Looked up once, because every page reads a warm timeline.
WARM, COLD, AWAY = (reads.labels(state) for state in ("warm", "cold", "away"))
# Known from the start, so that Prometheus sees the first of them as an increase.
for _reason in ("redis_away", "being_built", "below_floor"):
    fallback_reads.labels(_reason)


def count_push(offered: int, added: int) -> None:
    """Count the pushes of a fan-out: ids offered to timelines, and ids that were added."""
    pushes.inc(offered)
    deliveries.inc(added)


def count_fan_out(tweet_id: int) -> None:
    """Count a finished fan-out, and observe its delay since the tweet's id was drawn."""
    fan_outs.inc()
    delivery_seconds.observe(ids.age_seconds(tweet_id))


def count_read(*, warm: bool) -> None:
    """Count a read that Redis answered."""
    (WARM if warm else COLD).inc()


def count_fallback(reason: str) -> None:
    """Count a read that continues in Postgres."""
    if reason == "redis_away":
        AWAY.inc()
    fallback_reads.labels(reason).inc()


def count_populate(kind: str, finished: bool, sets: int = 1) -> bool:
    """Count sets that were built. Returns `finished`."""
    populates.labels(kind, "finished" if finished else "lost").inc(sets)
    return finished
