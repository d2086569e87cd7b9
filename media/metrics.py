"""The metrics of media."""

from chirp.observability.metrics import counter, gauge
from media.models import Media, State

processed = counter(
    "chirp_media_processed_total",
    "Uploads that were processed, by kind: `ready`, or `failed`.",
    "kind",
    "outcome",
)


def _waiting() -> float:
    return float(Media.objects.filter(state=State.PROCESSING).count())


gauge("chirp_media_waiting", "Uploads that are not processed yet.", _waiting)
