"""The tasks that events of the outbox start (settings.OUTBOX_ROUTES), and those on schedule."""

from celery import shared_task
from django.utils import timezone

from outbox.worker import outbox_task
from tweets import deleted_media, links, partitions, recounts
from tweets.later import scheduling
from tweets.polls import ending


@outbox_task("tweets.recount_around")
def recount_around(*, user_id: int) -> None:
    """An account became visible or invisible to some viewers."""
    recounts.recount_around(user_id=user_id)


@outbox_task("tweets.recount_reposters")
def recount_reposters(*, tweet_id: int) -> None:
    """A tweet was deleted, hidden or restored."""
    recounts.recount_reposters(tweet_id=tweet_id)


@outbox_task("tweets.preview_link")
def preview_link(*, tweet_id: int) -> None:
    """A tweet was posted that may have a link, or its text was edited."""
    links.preview_link(tweet_id=tweet_id, now=timezone.now())


@shared_task(name="tweets.end_polls")
def end_polls() -> None:
    """On schedule, announce the end of polls. Idempotent."""
    ending.end_polls(now=timezone.now())


@shared_task(name="tweets.post_scheduled")
def post_scheduled() -> None:
    """On schedule, post the scheduled tweets that are due. Idempotent."""
    scheduling.post_due(now=timezone.now())


@shared_task(name="tweets.clean_media")
def clean_media() -> None:
    """Remove the files of tweets that were deleted long ago, and keep what drafts have. Idempotent.

    An upload without a tweet is kept for a day in any case, so an hour's delay loses nothing.
    """
    deleted_media.keep_what_waits()
    deleted_media.remove(now=timezone.now())


@shared_task(name="tweets.keep_partitions")
def keep_partitions() -> None:
    """On schedule, add the partition of the next year, if there are partitions. Idempotent."""
    partitions.extend(now=timezone.now())
