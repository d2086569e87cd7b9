"""The events that changes of tweets publish."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetPosted(DomainEvent):
    """A tweet was posted. Replies, quotes and reposts are tweets too."""

    topic = "tweet.posted"
    conceals = False
    together = ()
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationDue(DomainEvent):
    """A new tweet answers, quotes or mentions others, or its author has subscribers.

    Most tweets do none of these, and need no task to find that out.
    """

    topic = "tweet.notification_due"
    conceals = False
    together = ()
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetEdited(DomainEvent):
    """The text, the warning or the `sensitive` mark of a tweet changed.

    The id and the audience are the same as before.
    """

    topic = "tweet.edited"
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetDeleted(DomainEvent):
    """A tweet was deleted, or a repost was undone."""

    topic = "tweet.deleted"
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetHidden(DomainEvent):
    """A moderator hid a tweet."""

    topic = "tweet.hidden"
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetMediaChanged(DomainEvent):
    """A moderator hid the media of a tweet, or showed them again."""

    topic = "tweet.media_changed"
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetRestored(DomainEvent):
    """A moderator made a hidden tweet visible again."""

    topic = "tweet.restored"
    conceals = False
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetLiked(DomainEvent):
    """A like was added."""

    topic = "tweet.liked"
    conceals = False
    together = ()
    tweet_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetUnliked(DomainEvent):
    """A like was removed."""

    topic = "tweet.unliked"
    conceals = False
    together = ()
    tweet_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetReposted(DomainEvent):
    """A tweet was reposted. The repost also publishes TweetPosted, like every tweet."""

    topic = "tweet.reposted"
    conceals = False
    together = ()
    tweet_id: int
    repost_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PollEnded(DomainEvent):
    """The poll of a tweet ended. Published once, soon after its last moment."""

    topic = "poll.ended"
    conceals = False
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteDetached(DomainEvent):
    """The author of a tweet detached it from a quote."""

    topic = "tweet.quote_detached"
    tweet_id: int
    quote_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged(DomainEvent):
    """A tweet was posted that may have a link, or an edit may have changed it."""

    topic = "tweet.link_changed"
    conceals = False
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWritten(DomainEvent):
    """Tweets of the past were written: see tweets/history.py. Nobody is notified of them."""

    topic = "tweet.history_written"
    conceals = False
    tweet_ids: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEnded(DomainEvent):
    """All tweets of the past of an account are written.

    The followers with ids above `after` do not have them in their timelines yet.
    """

    topic = "tweet.history_ended"
    conceals = False
    author_id: int
    after: int
