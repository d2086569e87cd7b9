"""The tasks that outbox events start (settings.OUTBOX_ROUTES), and those on schedule."""

from datetime import date

from celery import shared_task
from django.utils import timezone

from notifications import digest, services
from notifications.push import queue
from outbox.worker import Payload, outbox_task, outbox_task_together, outbox_task_unlocked
from tweets.polls.read import voters


@outbox_task_unlocked("notifications.posted")
def posted(payloads: list[Payload]) -> None:
    """Tweets were posted that may cause notifications."""
    services.posted(tweet_ids=[payload["tweet_id"] for payload in payloads])


@outbox_task_together("notifications.liked")
def liked(payloads: list[Payload]) -> None:
    """Likes were added or removed."""
    services.liked(likes=[(payload["tweet_id"], payload["user_id"]) for payload in payloads])


@outbox_task_together("notifications.reposted")
def reposted(payloads: list[Payload]) -> None:
    """Tweets were reposted."""
    services.reposted(reposts=[(payload["tweet_id"], payload["user_id"]) for payload in payloads])


@outbox_task("notifications.tweet_changed")
def tweet_changed(*, tweet_id: int) -> None:
    """A tweet was deleted, hidden or restored, or a repost was undone."""
    services.tweet_changed(tweet_id=tweet_id)


@outbox_task("notifications.edited")
def edited(*, tweet_id: int) -> None:
    """A tweet was edited."""
    services.edited(tweet_id=tweet_id)


@outbox_task("notifications.poll_ended")
def poll_ended(*, tweet_id: int) -> None:
    """A poll ended: its author and those who voted hear of it."""
    services.poll_ended(tweet_id=tweet_id, voters=voters(poll_id=tweet_id))


@outbox_task("notifications.quote_detached")
def quote_detached(*, tweet_id: int, quote_id: int) -> None:
    """The author of a tweet detached it from a quote."""
    services.quote_detached(tweet_id=tweet_id, quote_id=quote_id)


@outbox_task("notifications.follow_changed")
def follow_changed(*, follower_id: int, followee_id: int) -> None:
    """A follow or a request began, was accepted or ended."""
    services.follow_changed(follower_id=follower_id, followee_id=followee_id, now=timezone.now())


@outbox_task("notifications.block_changed")
def block_changed(*, blocker_id: int, blocked_id: int) -> None:
    """A block began or ended."""
    services.between_changed(one=blocker_id, other=blocked_id)


@outbox_task("notifications.mute_changed")
def mute_changed(*, muter_id: int, muted_id: int) -> None:
    """A mute began or ended."""
    services.between_changed(one=muter_id, other=muted_id)


@outbox_task("notifications.actor_changed")
def actor_changed(*, user_id: int) -> None:
    """An account was deactivated, suspended or restored, or became private or public."""
    services.review_actor(actor_id=user_id, recipient_id=None, after=0)


@outbox_task("notifications.continue_audience")
def continue_audience(*, tweet_id: int, kind: str, after: int) -> None:
    """Notify the next accounts that a tweet concerns."""
    services.notify_audience(tweet_id=tweet_id, kind=kind, after=after)


@outbox_task("notifications.continue_tweet_review")
def continue_tweet_review(*, tweet_id: int, after: int) -> None:
    """Show or hide the next groups about a tweet."""
    services.review_tweet(tweet_id=tweet_id, after=after)


@outbox_task("notifications.continue_actor_review")
def continue_actor_review(*, actor_id: int, recipient_id: int | None, after: int) -> None:
    """Review the next notifications of an actor."""
    services.review_actor(actor_id=actor_id, recipient_id=recipient_id, after=after)


@outbox_task("notifications.send_digest")
def send_digest(*, user_id: int, day: str) -> None:
    """Send the digest of a day to an account."""
    digest.send(user_id=user_id, day=date.fromisoformat(day))


@outbox_task("notifications.send_pushes")
def send_pushes(*, user_id: int) -> None:
    """Send what is due to the devices of an account."""
    queue.send_due(user_id=user_id, now=timezone.now())


@shared_task(name="notifications.retry_pushes")
def retry_pushes() -> None:
    """On schedule, have sent again what push services did not take. Idempotent."""
    queue.retry(now=timezone.now())


@shared_task(name="notifications.begin_digests")
def begin_digests() -> None:
    """On schedule, have the digests of the day sent that are still missing. Idempotent."""
    digest.begin(now=timezone.now())


@shared_task(name="notifications.forget_old")
def forget_old() -> None:
    """On schedule, delete groups without news for a long time. Idempotent."""
    services.forget_old(now=timezone.now())
