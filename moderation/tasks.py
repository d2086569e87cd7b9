"""The tasks that outbox events start."""

from moderation import mails
from outbox.worker import outbox_task


@outbox_task("moderation.send_strike_mail")
def send_strike_mail(*, strike_id: int, appeal: bool) -> None:
    """Somebody is to be told of a strike, or of what became of an appeal."""
    mails.send(strike_id=strike_id, appeal=appeal)
