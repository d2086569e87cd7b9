"""The metrics of media."""

from django.utils import timezone

from chirp.observability.metrics import counter, gauge
from media.models import Media, State
from media.previews.models import Preview

processed = counter(
    "chirp_media_processed_total",
    "Uploads that were processed, by kind: `ready`, or `failed`.",
    "kind",
    "outcome",
)

previews = counter(
    "chirp_media_previews_total",
    "Link previews that were fetched: `ready`, or `failed`.",
    "outcome",
)


def _waiting() -> float:
    return float(Media.objects.filter(state=State.PROCESSING).count())


gauge("chirp_media_waiting", "Uploads that are not processed yet.", _waiting)


def _previews_due() -> float:
    return float(Preview.objects.filter(due_at__lte=timezone.now()).count())


gauge("chirp_media_previews_due", "Link previews that are due to be fetched.", _previews_due)
