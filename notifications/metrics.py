"""The metrics of notifications."""

from django.utils import timezone

from chirp.observability.metrics import counter, gauge
from notifications.push.models import Push

pushes = counter(
    "chirp_pushes_total",
    "Messages to devices by outcome: `accepted` by the push service, `refused`, to be tried again "
    "`later`, or the device is `gone`.",
    "outcome",
)


def _due() -> float:
    return float(Push.objects.filter(due_at__lte=timezone.now()).count())


gauge("chirp_pushes_due", "Messages to devices that are due.", _due)
