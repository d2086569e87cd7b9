"""Edit tweets. An edited tweet keeps its id, and every earlier version is kept."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.locks import lock_account
from accounts.models import User
from chirp import hooks
from chirp.errors import NotAllowed, NotFound
from chirp.texts import text as _
from outbox.services import publish
from tweets import mentions_and_tags
from tweets.events import TweetEdited
from tweets.links import note_edit
from tweets.models import Mention, Tweet, TweetVersion
from tweets.read.access import access_own

EDITED = ("text", "sensitive", "spoiler", "edited_at")
NO_PLACE: dict[str, Any] = {"lat": None, "lon": None, "cell": None, "place": ""}


class CannotEdit(NotAllowed):
    """Raised when a repost is edited: it has no text of its own."""

    message = _("A repost has no text to edit.")


def edit_tweet(
    *,
    author: User,
    tweet_id: int,
    text: str | None = None,
    sensitive: bool | None = None,
    spoiler: str | None = None,
    remove_place: bool = False,
) -> Tweet:
    """Change the text, the warning or the `sensitive` mark of a tweet, and return the new state.

    A value of None leaves that part unchanged. `remove_place` removes the place without a trace:
    neither the versions nor `edited_at` show that there was one. Nothing else changes: the id is
    the same, so the tweet keeps its position in every timeline, and so are its audience and what
    it replies to and quotes. An edit notifies no account, so no account is notified twice.
    Mentions and hashtags follow the new text, but the recipients of a direct tweet never change:
    an edit neither adds nor removes one. An edit without changes creates no version.

    Raises NotFound if the tweet is deleted, hidden or not visible to the author, NotYours,
    CannotEdit, BadText and BadSpoiler.
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
    """Return the fields that change, with the values to store."""
    wanted: dict[str, Any] = {}
    if text is not None:
        has_more = tweet.has_poll or tweet.media_count > 0
        may_be_blank = tweet.quote_of_id is not None or has_more
        wanted["text"] = mentions_and_tags.checked_text(text, may_be_blank=may_be_blank)
    if sensitive is not None:
        wanted["sensitive"] = sensitive
    if spoiler is not None:
        wanted["spoiler"] = mentions_and_tags.checked_spoiler(spoiler)
    return {name: value for name, value in wanted.items() if value != getattr(tweet, name)}


def _edit(tweet: Tweet, changes: dict[str, Any]) -> None:
    """Apply the changes. The caller must hold the lock on the author."""
    if tweet.edited_at is None:
        _keep_version(tweet)
    Tweet.objects.filter(pk=tweet.pk).update(**changes, edited_at=Now())
    tweet.refresh_from_db(fields=EDITED)
    if "text" in changes:
        mentions_and_tags.reindex(tweet)
        note_edit(tweet)
    _keep_version(tweet)
    hooks.run("tweet.written", tweet=tweet)
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
