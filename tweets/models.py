"""The models of tweets, their versions, mentions, hashtags, likes and bookmarks."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from chirp.ids import NextId
from tweets.controls import (
    CONTROL_LENGTH,
    QUOTES_CHOICES,
    REPLIES_CHOICES,
    QuotesFrom,
    RepliesFrom,
)
from tweets.conversations.models import Conversation  # noqa: F401 - as Poll
from tweets.later.models import Draft, ScheduledTweet  # noqa: F401 - as Poll
from tweets.places import NAME_LENGTH
from tweets.polls.models import Poll, PollVote  # noqa: F401 - Django looks for them here
from tweets.visibility import CHOICES, PUBLIC_OR_UNLISTED, Visibility

_NOT_GONE = Q(live=True)
_TO_OTHERS = Q(reply_to_author__isnull=False) & ~Q(reply_to_author=F("author"))
_NOT_TO_OTHERS = Q(reply_to_author=None) | Q(reply_to_author=F("author"))
SPOILER_LENGTH = 500  # as apps of Mastodon expect
LANGUAGE_LENGTH = 20
SOMEBODY_GONE = 0  # whom replies answer whose parent went with its account: nobody has this id


def _author_copy() -> "models.ForeignKey[Any, Any]":
    """A copy of the tweet's column, for indexes. The row goes with the tweet."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


class AuthorState(models.TextChoices):
    """What lists were told about the author of a tweet or a like: see tweets/author_states.py."""

    OPEN = "open", "Open"
    PRIVATE = "private", "Private"
    GONE = "gone", "Deactivated or suspended"


def _author_state() -> "models.CharField[str, str]":
    return models.CharField(
        max_length=7,
        choices=AuthorState.choices,
        default=AuthorState.OPEN,
        db_default=AuthorState.OPEN.value,
    )


_CLOSED = ~Q(author_state=AuthorState.OPEN.value)


class Tweet(models.Model):
    """A tweet. A repost has `repost_of`, a quote has `quote_of`, and a reply has `reply_to`.

    Deleting a tweet removes no row: `deleted_at` hides it everywhere at once. `reply_to_author`
    is stored as well as `reply_to`, because the rules of the home timeline need it even after the
    parent tweet is gone; it is SOMEBODY_GONE after its account is. `conversation_id` is the id of
    the first tweet of the thread. A place (see tweets.places) is a latitude, a longitude, the cell
    that contains both, and an optional name.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextId())
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="tweets", db_index=False
    )
    text = models.TextField(blank=True, default="")
    visibility = models.CharField(max_length=9, choices=CHOICES, default=Visibility.PUBLIC)
    sensitive = models.BooleanField(default=False)
    marked_sensitive = models.BooleanField(
        default=False, db_default=False, help_text="By a moderator: the author cannot undo it."
    )
    spoiler = models.CharField(max_length=SPOILER_LENGTH, blank=True, default="")
    language = models.CharField(
        max_length=LANGUAGE_LENGTH, blank=True, default="", db_default="", help_text="BCP 47."
    )
    reply_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="replies", db_index=False
    )
    reply_to_author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,  # tweets/purging.py sets SOMEBODY_GONE
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    conversation_id = models.BigIntegerField(null=True)
    repost_of = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="reposts", db_index=False
    )
    quote_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="quotes", db_index=False
    )
    has_poll = models.BooleanField(default=False, db_default=False)
    quote_detached = models.BooleanField(
        default=False, db_default=False, help_text="The quoted author detached their tweet."
    )
    replies_from = models.CharField(
        max_length=CONTROL_LENGTH,
        choices=REPLIES_CHOICES,
        default=RepliesFrom.EVERYONE.value,
        db_default=RepliesFrom.EVERYONE.value,
        help_text="Set by the first tweet of a conversation. Replies have a copy.",
    )
    quotes_from = models.CharField(
        max_length=CONTROL_LENGTH,
        choices=QUOTES_CHOICES,
        default=QuotesFrom.EVERYONE.value,
        db_default=QuotesFrom.EVERYONE.value,
    )
    created_at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True, help_text="Hidden by a moderator.")
    # Indexes with this condition serve only queries that name it. If lists and home named the same
    # columns, the planner might read a list through an index of home, and drop most of its rows.
    live = models.GeneratedField(
        expression=Q(deleted_at=None, hidden_at=None),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    author_state = _author_state()
    # Where the lists around a tweet look for this one: like `visibility`, but what a private
    # account writes is for its followers, and what a vanished one wrote for nobody.
    reach = models.GeneratedField(
        expression=models.Case(
            models.When(author_state=AuthorState.GONE, then=models.Value("nobody")),
            models.When(
                author_state=AuthorState.PRIVATE,
                visibility__in=PUBLIC_OR_UNLISTED,
                then=models.Value(Visibility.FOLLOWERS.value),
            ),
            default=F("visibility"),
        ),
        output_field=models.CharField(max_length=9),
        db_persist=True,
    )
    likes_count = models.PositiveIntegerField(default=0)
    reposts_count = models.PositiveIntegerField(default=0)
    quotes_count = models.PositiveIntegerField(default=0)
    replies_count = models.PositiveIntegerField(default=0)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    cell = models.IntegerField(null=True)
    place = models.CharField(max_length=NAME_LENGTH, blank=True, default="", db_default="")
    media_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    media_hidden = models.BooleanField(
        default=False, db_default=False, help_text="A moderator hid its pictures and videos."
    )
    mentions: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="Mention",
        through_fields=("tweet", "user"),
        related_name="mentioned_in",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repost_of", "author"],
                condition=Q(deleted_at=None, repost_of__isnull=False),
                name="repost_once",
            ),
            models.CheckConstraint(
                condition=Q(repost_of=None) | Q(quote_of=None, reply_to=None, text=""),
                name="repost_is_only_that",
            ),
            models.CheckConstraint(
                condition=Q(lat=None, lon=None, cell=None, place="")
                | Q(
                    # A check constraint also passes when its condition is NULL.
                    lat__isnull=False,
                    lon__isnull=False,
                    cell__isnull=False,
                    lat__range=(-90, 90),
                    lon__range=(-180, 180),
                    repost_of=None,
                ),
                name="place_is_whole",
            ),
        ]
        indexes = [
            # For profiles, and for reading a home timeline from Postgres.
            models.Index(
                fields=["author", "-id"], name="tweet_by_author", condition=Q(deleted_at=None)
            ),
            models.Index(
                fields=["author", "visibility", "-id"],
                name="tweet_media",
                condition=_NOT_GONE & Q(media_count__gt=0),
            ),
            models.Index(
                fields=["deleted_at"],
                name="tweet_deleted_media",
                condition=Q(media_count__gt=0, deleted_at__isnull=False),
            ),
            # For foreign keys and counts. They give no order, so that no list is read through them.
            models.Index(
                fields=["reply_to"],
                name="tweet_replies",
                condition=Q(reply_to__isnull=False),
            ),
            models.Index(
                fields=["quote_of"], name="tweet_quotes", condition=Q(quote_of__isnull=False)
            ),
            models.Index(
                fields=["repost_of"],
                name="tweet_reposts",
                condition=Q(repost_of__isnull=False),
            ),
            models.Index(fields=["conversation_id"], name="tweet_conversation"),
            # For the admin, which lists them all.
            models.Index(fields=["-id"], name="tweet_hidden", condition=Q(hidden_at__isnull=False)),
            models.Index(
                fields=["-id"], name="tweet_deleted", condition=Q(deleted_at__isnull=False)
            ),
            models.Index(
                fields=["author", "-id"],
                name="tweet_deleted_by_author",
                condition=Q(deleted_at__isnull=False),
            ),
            models.Index(
                fields=["conversation_id", "-id"],
                name="tweet_direct",
                condition=Q(visibility=Visibility.DIRECT, deleted_at=None),
            ),
            # For tweets near a point. The condition is the same as in the query NEAR
            # (tweets/sql/lists.py), which reads everything that it needs from the index.
            models.Index(
                fields=["cell", "-id"],
                name="tweet_nearby",
                include=["lat", "lon", "author"],
                condition=Q(cell__isnull=False, visibility=Visibility.PUBLIC, live=True),
            ),
            # For lists, which read windows of one audience from the index alone
            # (tweets/sql/lists.py).
            models.Index(
                fields=["author", "visibility", "-id"],
                name="tweet_posts",
                include=["repost_of"],
                condition=_NOT_GONE & _NOT_TO_OTHERS,
            ),
            models.Index(
                fields=["author", "visibility", "-id"],
                name="tweet_answers",
                condition=_NOT_GONE & _TO_OTHERS,
            ),
            models.Index(
                fields=["author", "reply_to_author", "-id"],
                name="tweet_answers_to",
                condition=_NOT_GONE & _TO_OTHERS,
            ),
            models.Index(
                fields=["-id"],
                name="tweet_public",
                include=["author"],
                condition=_NOT_GONE
                & Q(visibility=Visibility.PUBLIC, reply_to_author=None, repost_of=None),
            ),
            models.Index(
                fields=["reply_to", "reach", "-id"],
                name="tweet_replies_by_audience",
                include=["author"],
                condition=_NOT_GONE & Q(reply_to__isnull=False),
            ),
            models.Index(
                fields=["reply_to", "reach", "author", "-id"],
                name="tweet_repliers",
                condition=_NOT_GONE & Q(reply_to__isnull=False),
            ),
            models.Index(
                fields=["quote_of", "reach", "-id"],
                name="tweet_quotes_by_audience",
                include=["author"],
                condition=_NOT_GONE & Q(quote_of__isnull=False),
            ),
            models.Index(
                fields=["quote_of", "reach", "author", "-id"],
                name="tweet_quoters",
                condition=_NOT_GONE & Q(quote_of__isnull=False),
            ),
            models.Index(
                fields=["quote_of", "reply_to_author", "-id"],
                name="tweet_quotes_answering",
                condition=_NOT_GONE
                & Q(quote_of__isnull=False, reply_to_author__isnull=False)
                & ~Q(reach="nobody"),
            ),
            models.Index(
                fields=["repost_of", "author_state", "-id"],
                name="tweet_reposters",
                include=["author"],
                condition=_NOT_GONE & Q(repost_of__isnull=False),
            ),
            models.Index(
                fields=["repost_of", "author_state", "author"],
                name="tweet_closed_reposters",
                condition=_NOT_GONE & Q(repost_of__isnull=False) & _CLOSED,
            ),
        ]


class TweetVersion(models.Model):
    """A version of a tweet, valid from `created_at` on. The last one is the current version.

    Only edited tweets have versions, so that all others cost nothing. `mentioned` is a list of the
    ids of the accounts that this version mentions.
    """

    id = models.BigAutoField(primary_key=True)
    tweet = models.ForeignKey(Tweet, models.CASCADE, related_name="versions", db_index=False)
    text = models.TextField(blank=True)
    sensitive = models.BooleanField()
    spoiler = models.CharField(max_length=SPOILER_LENGTH, blank=True)
    mentioned = models.JSONField(default=list)
    created_at = models.DateTimeField()
    objects: ClassVar[models.Manager["TweetVersion"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["tweet", "-id"], name="version_of_tweet"),
            GinIndex(fields=["mentioned"], name="version_mentions"),  # for accounts that go
        ]


class Mention(models.Model):
    """An account that the text of a tweet mentions, and that existed when it was written.

    `author`, `reply_to_id` and `quote_of_id` are copies of the tweet's columns, which never change:
    with them, lists find the tweets that mention a viewer without a look at all other tweets.
    `author_gone` is what lists were told about the author: see tweets/author_states.py.
    """

    id = models.BigAutoField(primary_key=True)
    tweet = models.ForeignKey(Tweet, models.CASCADE, related_name="mention_rows", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    author = _author_copy()
    reply_to_id = models.BigIntegerField(null=True)
    quote_of_id = models.BigIntegerField(null=True)
    author_gone = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tweet", "user"], name="mention_once")]
        indexes = [
            models.Index(fields=["user", "author", "-tweet"], name="mention_by_author"),
            models.Index(
                fields=["user", "reply_to_id", "-tweet"],
                name="mention_in_reply",
                condition=Q(reply_to_id__isnull=False, author_gone=False),
            ),
            models.Index(
                fields=["user", "quote_of_id", "-tweet"],
                name="mention_in_quote",
                condition=Q(quote_of_id__isnull=False, author_gone=False),
            ),
        ]


class Hashtag(models.Model):
    """A hashtag of a tweet, in the form that `normalize_tag` returns.

    `author` is the tweet's. `listed` is whether the tweet is public and neither deleted nor hidden.
    """

    id = models.BigAutoField(primary_key=True)
    tweet = models.ForeignKey(Tweet, models.CASCADE, related_name="hashtag_rows", db_index=False)
    tag = models.CharField(max_length=100)
    author = _author_copy()
    listed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tweet", "tag"], name="hashtag_once")]
        indexes = [
            models.Index(
                fields=["tag", "-tweet"],
                name="hashtag_timeline",
                include=["author"],
                condition=Q(listed=True),
            ),
            models.Index(
                fields=["tag", "author", "-tweet"],
                name="hashtag_authors",
                condition=Q(listed=True),
            ),
        ]


class Bookmark(models.Model):
    """A tweet that `user` keeps for later. A bookmark of a repost is stored for the original."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookmarks", db_index=False
    )
    tweet = models.ForeignKey(Tweet, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Bookmark"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tweet"], name="bookmark_once")]
        indexes = [models.Index(fields=["user", "-id"], name="bookmark_of_user")]


class Like(models.Model):
    """A like of `tweet` by `user`. A like of a repost is stored for the original."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes", db_index=False
    )
    tweet = models.ForeignKey(Tweet, models.CASCADE, related_name="like_rows", db_index=False)
    author_state = _author_state()
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["Like"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tweet"], name="like_once")]
        indexes = [
            models.Index(
                fields=["tweet", "author_state", "-id"], name="like_of_tweet", include=["user"]
            ),
            models.Index(
                fields=["tweet", "author_state", "user"], name="like_by_closed", condition=_CLOSED
            ),
            models.Index(fields=["user", "-id"], name="like_of_user"),
        ]


class Pin(models.Model):
    """A tweet that its author shows first on their profile. Pins are ordered by their ids."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    tweet = models.OneToOneField(Tweet, models.CASCADE, related_name="+")
    objects: ClassVar[models.Manager["Pin"]] = models.Manager()


class ConversationMute(models.Model):
    """A conversation of which `user` does not want to be told."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    conversation_id = models.BigIntegerField()
    objects: ClassVar[models.Manager["ConversationMute"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "conversation_id"], name="mute_conversation_once"
            )
        ]
