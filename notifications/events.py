"""What open streams hear of notifications, and how a task of them schedules its next step."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceContinued(DomainEvent):
    """More accounts may have to hear of a tweet: `kind` says why, `after` who was last."""

    topic = "notifications.audience_continued"
    conceals = False
    tweet_id: int
    kind: str
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetReviewContinued(DomainEvent):
    """More groups about a tweet have to be shown or hidden, those with ids above `after`."""

    topic = "notifications.tweet_review_continued"
    conceals = False
    tweet_id: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorReviewContinued(DomainEvent):
    """More notifications of an actor have to be reviewed, those with ids above `after`.

    With `recipient_id` only those to one account.
    """

    topic = "notifications.actor_review_continued"
    conceals = False
    actor_id: int
    recipient_id: int | None
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDue(DomainEvent):
    """The digest of a day, such as "2026-11-28", has to be sent to an account."""

    topic = "notifications.digest_due"
    conceals = False
    user_id: int
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsChanged(DomainEvent):
    """Groups of notifications of these accounts changed.

    `new` are the ids of the single notifications in them that appeared.
    """

    topic = "notifications.changed"
    conceals = False
    recipient_ids: list[int]
    groups: list[int]
    new: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushesDue(DomainEvent):
    """Messages to the devices of an account are due."""

    topic = "notifications.pushes_due"
    conceals = False
    user_id: int
