"""The words of a tweet: what they may be, and whom and what they name."""

import unicodedata
from collections.abc import Collection, Sequence

from django.db.models.functions import Lower

from accounts.models import User
from chirp.errors import ChirpError
from tweets import text as texts
from tweets.models import SPOILER_LENGTH, Hashtag, Mention, Tweet
from tweets.read.access import across_block
from tweets.visibility import Visibility


class BadText(ChirpError):
    """The text of a tweet is blank, too long, or has characters that it may not have."""

    code = "bad_text"
    field = "text"


class BadSpoiler(ChirpError):
    """The warning above a tweet is too long, or is not text."""

    message = f"Must be at most {SPOILER_LENGTH} characters of text."
    field = "spoiler"


def checked_text(text: str, *, may_be_blank: bool) -> str:
    """The text as it is to be stored. BadText."""
    try:
        return texts.check(text, may_be_blank=may_be_blank)
    except texts.TweetTextError as error:
        raise BadText(str(error)) from None


def checked_spoiler(spoiler: str) -> str:
    """The warning as it is to be stored. BadSpoiler."""
    spoiler = unicodedata.normalize("NFC", spoiler).strip()
    # Half a surrogate pair and NUL cannot be stored; other controls say nothing.
    if len(spoiler) > SPOILER_LENGTH or any(
        unicodedata.category(c) in ("Cc", "Cs") for c in spoiler
    ):
        raise BadSpoiler
    return spoiler


def index(tweet: Tweet) -> None:
    """Write down whom a new tweet mentions and which hashtags it has."""
    _mention(tweet, _mentioned(tweet.author, texts.mentioned_handles(tweet.text)))
    _tag(tweet, texts.hashtags(tweet.text))


def reindex(tweet: Tweet) -> None:
    """The same after an edit; who is still named stays mentioned, whatever became of them.

    A direct tweet goes on being for those whom it was written to: its mentions stay.
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


def _mention(tweet: Tweet, people: Collection[int]) -> None:
    mentions = [Mention(tweet=tweet, user_id=pk) for pk in people]
    Mention.objects.bulk_create(mentions, ignore_conflicts=True)


def _tag(tweet: Tweet, tags: Collection[str]) -> None:
    hashtags = [Hashtag(tweet=tweet, tag=tag) for tag in tags]
    Hashtag.objects.bulk_create(hashtags, ignore_conflicts=True)


def _mentioned(author: User, handles: Sequence[str]) -> list[int]:
    """Those of these people (handles in lower case) who are there, and across no block."""
    if not handles:
        return []
    named = User.objects.active().annotate(handle_lower=Lower("handle"))
    wanted = named.filter(handle_lower__in=handles)
    people = set(wanted.values_list("pk", flat=True))
    return sorted(people - across_block(user=author, others=people))
