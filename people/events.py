"""What happens to profiles and between people."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(DomainEvent):
    """Something of a profile has another value."""

    topic = "profile.changed"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRequested(DomainEvent):
    """A request was made to follow a private account."""

    topic = "follow.requested"
    follower_id: int
    followee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAccepted(DomainEvent):
    """A follow began: at once for a public account, by its owner's consent for a private one."""

    topic = "follow.accepted"
    follower_id: int
    followee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEnded(DomainEvent):
    """An accepted follow ended, from either side."""

    topic = "follow.ended"
    follower_id: int
    followee_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBlocked(DomainEvent):
    """A block began."""

    topic = "person.blocked"
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUnblocked(DomainEvent):
    """A block ended."""

    topic = "person.unblocked"
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMuted(DomainEvent):
    """A mute began."""

    topic = "person.muted"
    muter_id: int
    muted_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUnmuted(DomainEvent):
    """A mute ended."""

    topic = "person.unmuted"
    muter_id: int
    muted_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphImported(DomainEvent):
    """Many follows were written at once, without an event for each."""

    topic = "graph.imported"
