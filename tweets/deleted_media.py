"""Which uploads are still needed: not those of tweets that were deleted long ago."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from chirp import hooks
from media.cleaning import UNUSED_FOR, keep_only, remove_of_tweets
from media.models import Media
from tweets.models import Tweet
from tweets.sql import posting as sql

BATCH = 1_000  # tweets of one run


def remove(*, now: datetime) -> int:
    """Remove the media of tweets whose grace period is over, and return their number. Idempotent.

    The number of files of these tweets becomes 0, so that they are not looked at again.
    """
    before = now - timedelta(days=settings.DELETED_GRACE_DAYS)
    old = Tweet.objects.filter(deleted_at__lt=before, media_count__gt=0)
    ids = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
    removed = remove_of_tweets(ids)
    Tweet.objects.filter(pk__in=ids).update(media_count=0)
    return removed


def keep_what_waits() -> None:
    """Keep the uploads of drafts and scheduled tweets, which are in no tweet yet. Idempotent."""
    keep_only([media_id for (media_id,) in sql.WAITING_MEDIA.rows()])


def take_back(*, author_id: int, content: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Take the files that a draft or a scheduled tweet needs from tweets that were deleted for it.

    They are then kept as the uploads that they were. `content` is what is stored of new tweets.
    Call it in the transaction that stores it.
    """
    wanted = [id_ for tweet in content for id_ in tweet.get("media_ids", ())]
    held = Media.objects.filter(pk__in=wanted, owner=author_id, tweet_id__isnull=False)
    holders = {row.tweet_id for row in held if row.tweet_id is not None}
    tweets = released_by(author_id, holders, now=now)
    held.filter(tweet_id__in=tweets).update(tweet_id=None, needed=True)


def released_by(author_id: int, tweet_ids: Collection[int], *, now: datetime) -> set[int]:
    """Return those of these tweets that the author deleted to write them anew.

    Their files can be in another tweet for as long as an upload waits for one. Files that
    moderators have to see, or have decided about, stay with the deleted tweet.
    """
    if not tweet_ids:
        return set()
    own = Tweet.objects.filter(pk__in=tweet_ids, author=author_id)
    deleted = own.filter(deleted_at__gte=now - UNUSED_FOR)
    untouched = deleted.filter(hidden_at=None, media_hidden=False, marked_sensitive=False)
    found = set(untouched.values_list("pk", flat=True))
    if not found:
        return found
    reported: set[int] = hooks.ask("tweets.reported", author_id=author_id, tweet_ids=found)
    return found - reported
