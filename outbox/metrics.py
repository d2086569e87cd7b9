"""Metrics of the outbox. chirp/observability/task_signals.py counts the tasks themselves."""

from chirp.observability.metrics import gauge
from outbox import services

gauge(
    "chirp_outbox_relay_lag_seconds",
    "For how long the oldest event has been due that no relay has sent.",
    services.relay_lag_seconds,
)
gauge("chirp_outbox_owed_events", "Events whose work is not done.", services.owed)
gauge(
    "chirp_outbox_resent_events",
    "Events that were sent more than once and still are not done.",
    services.stuck,
)
