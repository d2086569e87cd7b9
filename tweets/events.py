"""What happens to tweets."""

from dataclasses import dataclass

from outbox.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetPosted(DomainEvent):
    """A tweet was posted: a reply, a quote and a repost are tweets too."""

    topic = "tweet.posted"
    together = ()
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetEdited(DomainEvent):
    """The text or the warning of a tweet has another value. Its id and audience have not."""

    topic = "tweet.edited"
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetDeleted(DomainEvent):
    """A tweet was deleted, or a repost undone."""

    topic = "tweet.deleted"
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetLiked(DomainEvent):
    """A like was added."""

    topic = "tweet.liked"
    tweet_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetUnliked(DomainEvent):
    """A like was taken back."""

    topic = "tweet.unliked"
    tweet_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TweetReposted(DomainEvent):
    """A tweet was reposted. The repost itself is posted as every tweet is: TweetPosted."""

    topic = "tweet.reposted"
    tweet_id: int
    repost_id: int
    user_id: int
