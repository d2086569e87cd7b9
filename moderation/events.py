"""The domain events of moderation."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeMailDue(DomainEvent):
    """An account is to be told of a strike by e-mail, or of what became of its appeal."""

    topic = "moderation.strike_mail_due"
    strike_id: int
    appeal: bool
