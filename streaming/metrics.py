"""The metrics of streams."""

from chirp.observability.metrics import counter, histogram

opened = counter("chirp_stream_opened_total", "Streams that were opened, by their kind.", "face")
closed = counter(
    "chirp_stream_closed_total",
    "Streams that ended: by the `client`, because it was `slow`, its sign-in `ended`, the log had "
    "a `gap`, or this process `stopped`.",
    "reason",
)
writes = counter("chirp_stream_writes_total", "Events that were written to streams.")
resets = counter("chirp_stream_resets_total", "Streams that were told to read everything again.")
delay = histogram(
    "chirp_stream_delay_seconds",
    "From the moment a relay told of an event until it was written to the last stream.",
)
