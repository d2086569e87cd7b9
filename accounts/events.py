"""The domain events of accounts."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDeactivated(DomainEvent):
    """The owner deactivated the account: its profile and tweets are hidden."""

    topic = "account.deactivated"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSuspended(DomainEvent):
    """An operator suspended the account: its profile and tweets are hidden."""

    topic = "account.suspended"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReturned(DomainEvent):
    """A deactivation or a suspension ended."""

    topic = "account.returned"
    conceals = False
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceChanged(DomainEvent):
    """An account became visible or invisible to some viewers, so counts of others change.

    It was deactivated, suspended or restored, or it became private or public.
    """

    topic = "account.audience_changed"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQueued(DomainEvent):
    """An e-mail waits to be sent."""

    topic = "mail.queued"
    conceals = False
    mail_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeDue(DomainEvent):
    """The time of an account has come: it is to be purged, or the purge has a next step."""

    topic = "account.purge_due"
    conceals = False
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInsEnded(DomainEvent):
    """Some or all sessions or tokens of an account ended."""

    topic = "account.sign_ins_ended"
    user_id: int
