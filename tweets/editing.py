"""Edits: other words for a tweet that stays where it is. What it said before is kept."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.locks import lock_account
from accounts.models import User
from chirp.errors import NotAllowed, NotFound
from outbox.services import publish
from tweets import mentions_and_tags
from tweets.events import TweetEdited
from tweets.models import Mention, Tweet, TweetVersion
from tweets.read.access import access_own

EDITED = ("text", "sensitive", "spoiler", "edited_at")
NO_PLACE: dict[str, Any] = {"lat": None, "lon": None, "cell": None, "place": ""}


class CannotEdit(NotAllowed):
    """A repost, which has no words of its own."""

    message = "A repost has no words to edit."


def edit_tweet(
    *,
    author: User,
    tweet_id: int,
    text: str | None = None,
    sensitive: bool | None = None,
    spoiler: str | None = None,
    remove_place: bool = False,
) -> Tweet:
    """Change what one's tweet says (None leaves a part as it is), and return it as it is now.

    Where it was written stays, or is removed: then nothing keeps it, and nothing says that it was
    there. Nothing else changes: not its id, so that it stays where it is in every timeline; not its
    audience; not what it answers and quotes. Nobody is told, so nobody is told twice. Mentions and
    hashtags follow the text, but a direct tweet stays for those whom it was written to: an edit
    shows it to nobody else, and takes it from nobody. An edit that changes nothing is none.

    NotFound for what they may not see or is gone, NotYours, CannotEdit; BadText and BadSpoiler.
    """
    with transaction.atomic():
        lock_account(author.pk)
        tweet = _editable(author, tweet_id)
        changes = _changes(tweet, text, sensitive, spoiler)
        if changes:
            _edit(tweet, changes)
        if remove_place:
            Tweet.objects.filter(pk=tweet.pk).update(**NO_PLACE)
            tweet.refresh_from_db(fields=list(NO_PLACE))
    return tweet


def _editable(author: User, tweet_id: int) -> Tweet:
    tweet = access_own(author=author, tweet_id=tweet_id)
    if tweet.deleted_at is not None or tweet.hidden_at is not None:
        raise NotFound
    if tweet.repost_of_id is not None:
        raise CannotEdit
    return tweet


def _changes(
    tweet: Tweet, text: str | None, sensitive: bool | None, spoiler: str | None
) -> dict[str, Any]:
    """Which parts get another value, as it is to be stored."""
    wanted: dict[str, Any] = {}
    if text is not None:
        may_be_blank = tweet.quote_of_id is not None
        wanted["text"] = mentions_and_tags.checked_text(text, may_be_blank=may_be_blank)
    if sensitive is not None:
        wanted["sensitive"] = sensitive
    if spoiler is not None:
        wanted["spoiler"] = mentions_and_tags.checked_spoiler(spoiler)
    return {name: value for name, value in wanted.items() if value != getattr(tweet, name)}


def _edit(tweet: Tweet, changes: dict[str, Any]) -> None:
    """Apply changes to a tweet whose author is locked."""
    if tweet.edited_at is None:
        _keep_version(tweet)
    Tweet.objects.filter(pk=tweet.pk).update(**changes, edited_at=Now())
    tweet.refresh_from_db(fields=EDITED)
    if "text" in changes:
        mentions_and_tags.reindex(tweet)
    _keep_version(tweet)
    publish(TweetEdited(tweet_id=tweet.pk))


def _keep_version(tweet: Tweet) -> None:
    mentioned = Mention.objects.filter(tweet=tweet).order_by("user_id")
    TweetVersion.objects.create(
        tweet=tweet,
        text=tweet.text,
        sensitive=tweet.sensitive,
        spoiler=tweet.spoiler,
        mentioned=list(mentioned.values_list("user_id", flat=True)),
        created_at=tweet.edited_at or tweet.created_at,
    )
