"""The tasks that events of the outbox start (settings.OUTBOX_ROUTES), and the scheduler's."""

from celery import shared_task

from outbox.worker import Payload, outbox_task, outbox_task_together
from timelines import celebrities, fanout, services
from timelines.events import FanOutContinued


@outbox_task_together("timelines.fan_out")
def fan_out(payloads: list[Payload]) -> None:
    """Tweets were posted."""
    fanout.fan_out(tweet_ids=[payload["tweet_id"] for payload in payloads])


@outbox_task_together("timelines.fan_out_range")
def fan_out_range(payloads: list[Payload]) -> None:
    """Ranges of large audiences are to be served."""
    fanout.fan_out_ranges(ranges=[FanOutContinued(**payload) for payload in payloads])


@outbox_task("timelines.retract")
def retract(*, tweet_id: int) -> None:
    """A tweet was deleted, or a repost undone."""
    fanout.retract(tweet_id=tweet_id)


@outbox_task("timelines.merge")
def merge(*, follower_id: int, followee_id: int) -> None:
    """A follow was accepted."""
    services.merge(follower_id=follower_id, followee_id=followee_id)
    celebrities.review(author_id=followee_id)


@outbox_task("timelines.unmerge")
def unmerge(*, follower_id: int, followee_id: int) -> None:
    """A follow ended."""
    services.unmerge(follower_id=follower_id, followee_id=followee_id)
    celebrities.review(author_id=followee_id)


@outbox_task("timelines.demote_range")
def demote_range(*, author_id: int, generation: int, after: int) -> None:
    """A demotion takes its next step."""
    celebrities.demote_range(author_id=author_id, generation=generation, after=after)


@outbox_task("timelines.adopt_graph")
def adopt_graph() -> None:
    """Many follows were written at once: too many to merge one by one."""
    services.forget_all()
    celebrities.review_all()


@shared_task(name="timelines.review_all")
def review_all() -> None:
    """Now and then: whoever stands on the wrong side of the threshold is moved."""
    celebrities.review_all()
