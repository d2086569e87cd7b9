"""Validate the text of a tweet, and store its mentions and hashtags."""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from django.db.models import Exists
from django.db.models.functions import Lower

from accounts.models import User
from chirp import hooks, plain_text
from chirp.errors import ChirpError
from tweets import text as texts
from tweets.models import SPOILER_LENGTH, Hashtag, Mention, Tweet
from tweets.read.access import blocking_or_blocked
from tweets.visibility import Visibility


class BadText(ChirpError):
    """Raised when the text is blank, too long, or contains a forbidden character."""

    code = "bad_text"
    field = "text"


class BadSpoiler(ChirpError):
    """Raised when the warning above a tweet is not a short line of text."""

    field = "spoiler"


def checked_text(text: str, *, may_be_blank: bool) -> str:
    """Return the text in the form to store. Raises BadText, and what the hook refuses with."""
    try:
        checked = texts.check(text, may_be_blank=may_be_blank)
    except texts.TweetTextError as error:
        raise BadText(error.args[0]) from None
    hooks.run("tweet.writing", text=checked, field="text")
    return checked


def checked_spoiler(spoiler: str) -> str:
    """Return the warning in the form to store. Raises BadSpoiler, and as the hook refuses."""
    try:
        checked = plain_text.clean_line(spoiler, field="spoiler", limit=SPOILER_LENGTH)
    except plain_text.BadText as error:
        raise BadSpoiler(error.text) from None
    hooks.run("tweet.writing", text=checked, field="spoiler")
    return checked


def index(tweet: Tweet) -> list[int]:
    """Store the mentions and hashtags of a new tweet. Returns the ids of those it mentions."""
    mentioned = _mentioned(tweet.author, texts.mentioned_handles(tweet.text))
    _mention(tweet, mentioned)
    _tag(tweet, texts.hashtags(tweet.text))
    return mentioned


def reindex(tweet: Tweet) -> None:
    """Update the mentions and hashtags of an edited tweet.

    An account that the text still names stays mentioned, even if it is no longer active or there
    is a block by now. The mentions of a direct tweet never change, because they are its recipients.
    """
    tags = texts.hashtags(tweet.text)
    Hashtag.objects.filter(tweet=tweet).exclude(tag__in=tags).delete()
    _tag(tweet, tags)
    if tweet.visibility == Visibility.DIRECT:
        return
    handles = texts.mentioned_handles(tweet.text)
    before = Mention.objects.filter(tweet=tweet).annotate(handle_lower=Lower("user__handle"))
    before.exclude(handle_lower__in=handles).delete()
    _mention(tweet, _mentioned(tweet.author, handles))


def _mention(tweet: Tweet, user_ids: Collection[int]) -> None:
    if not user_ids:
        return
    copied = {name: getattr(tweet, name) for name in ("author_id", "reply_to_id", "quote_of_id")}
    mentions = [Mention(tweet=tweet, user_id=pk, **copied) for pk in user_ids]
    Mention.objects.bulk_create(mentions, ignore_conflicts=True)


def index_tags(tweets: Iterable[Tweet]) -> None:
    """Store the hashtags of many new tweets."""
    _insert_tags(_tagged(tweet, texts.hashtags(tweet.text)) for tweet in tweets)


def _tag(tweet: Tweet, tags: Collection[str]) -> None:
    if tags:
        _insert_tags([_tagged(tweet, tags)])


def _tagged(tweet: Tweet, tags: Collection[str]) -> list[Hashtag]:
    copied = {"author_id": tweet.author_id, "listed": tweet.visibility == Visibility.PUBLIC}
    return [Hashtag(tweet=tweet, tag=tag, **copied) for tag in tags]


def _insert_tags(rows: Iterable[list[Hashtag]]) -> None:
    Hashtag.objects.bulk_create(chain.from_iterable(rows), ignore_conflicts=True)


def relist(tweet_id: int) -> None:
    """List a tweet under its hashtags or no longer, after it was deleted, hidden or restored.

    The caller must hold the lock on the author.
    """
    listed = Tweet.objects.filter(
        pk=tweet_id, visibility=Visibility.PUBLIC, deleted_at=None, hidden_at=None
    )
    Hashtag.objects.filter(tweet=tweet_id).update(listed=Exists(listed))


def _mentioned(author: User, handles: Sequence[str]) -> list[int]:
    """Return the ids of the active accounts with these handles that the author can mention.

    The handles are in lower case. Accounts with a block in either direction are left out.
    """
    if not handles:
        return []
    user_ids = set(User.objects.active().by_handles(handles).values_list("pk", flat=True))
    return sorted(user_ids - blocking_or_blocked(user=author, others=user_ids))
