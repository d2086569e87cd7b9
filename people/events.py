"""The domain events of profiles, follows, blocks and mutes."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(DomainEvent):
    """The owner saved the profile."""

    topic = "profile.changed"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRequested(DomainEvent):
    """An account requested to follow a private account."""

    topic = "follow.requested"
    conceals = False
    follower_id: int
    followee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEnded(DomainEvent):
    """A follow request was withdrawn or rejected, or ended by a block."""

    topic = "follow.request_ended"
    follower_id: int
    followee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAccepted(DomainEvent):
    """A follow began: immediately for a public account, on acceptance for a private one."""

    topic = "follow.accepted"
    conceals = False
    follower_id: int
    followee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEnded(DomainEvent):
    """An accepted follow ended, through either account."""

    topic = "follow.ended"
    follower_id: int
    followee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBlocked(DomainEvent):
    """An account blocked another."""

    topic = "person.blocked"
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUnblocked(DomainEvent):
    """An account unblocked another."""

    topic = "person.unblocked"
    conceals = False
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMuted(DomainEvent):
    """An account muted another."""

    topic = "person.muted"
    muter_id: int
    muted_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUnmuted(DomainEvent):
    """An account unmuted another."""

    topic = "person.unmuted"
    conceals = False
    muter_id: int
    muted_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphImported(DomainEvent):
    """Follows were imported in bulk, without an event for each of them."""

    topic = "graph.imported"
    conceals = False
