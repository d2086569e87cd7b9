"""The tasks that outbox events start (settings.OUTBOX_ROUTES), and the scheduled task."""

from celery import shared_task

from outbox.worker import Payload, outbox_task, outbox_task_together
from timelines import celebrities, fanout, history, services
from timelines.events import FanOutContinued


@outbox_task_together("timelines.fan_out")
def fan_out(payloads: list[Payload]) -> None:
    """Fan out posted tweets."""
    fanout.fan_out(tweet_ids=[payload["tweet_id"] for payload in payloads])


@outbox_task_together("timelines.fan_out_range")
def fan_out_range(payloads: list[Payload]) -> None:
    """Fan out tweets of one author to a range of followers."""
    fanout.fan_out_ranges(ranges=[FanOutContinued(**payload) for payload in payloads])


@outbox_task("timelines.retract")
def retract(*, tweet_id: int) -> None:
    """Retract a deleted tweet or an undone repost."""
    fanout.retract(tweet_id=tweet_id)


@outbox_task("timelines.merge")
def merge(*, follower_id: int, followee_id: int) -> None:
    """After a follow was accepted, merge the followee's tweets, and review the followee."""
    services.merge(follower_id=follower_id, followee_id=followee_id)
    celebrities.review(author_id=followee_id)


@outbox_task("timelines.unmerge")
def unmerge(*, follower_id: int, followee_id: int) -> None:
    """After a follow ended, unmerge the followee's tweets, and review the followee."""
    services.unmerge(follower_id=follower_id, followee_id=followee_id)
    celebrities.review(author_id=followee_id)


@outbox_task("timelines.demote_range")
def demote_range(*, author_id: int, generation: int, after: int) -> None:
    """Run the next step of a demotion."""
    celebrities.demote_range(author_id=author_id, generation=generation, after=after)


@outbox_task("timelines.adopt_graph")
def adopt_graph() -> None:
    """After an import of many follows, rebuild all home timelines when they are next read.

    There are too many new follows to merge them one by one.
    """
    services.make_all_cold()
    celebrities.review_all()


@outbox_task("timelines.adopt_history")
def adopt_history(*, author_id: int, after: int) -> None:
    """After an account has imported tweets of the past, add them to its followers' timelines."""
    history.adopt(author_id=author_id, after=after)


@shared_task(name="timelines.review_all")
def review_all() -> None:
    """On schedule, promote and demote the authors who are on the wrong side of the threshold."""
    celebrities.review_all()
