"""A simple fan-out, for the workers of the bench."""

from celery import shared_task

from bench import engine
from chirp.redis.client import client
from outbox.worker import outbox_task
from people.models import Follow
from tweets.models import Tweet

LENGTH = 800
TASK_FOLLOWERS = 100
DONE = "bench:done"


@shared_task(name="bench.push_pipelined")
def push_pipelined(*, tweet_id: int, follower_ids: list[int]) -> None:
    """A pipeline of one ZADD and one trim for each follower, warm or cold, without checks."""
    pipe = client().pipeline(transaction=False)
    for follower_id in follower_ids:
        key = f"naive:{follower_id}"
        pipe.zadd(key, {str(tweet_id): tweet_id})
        pipe.zremrangebyrank(key, 0, -(LENGTH + 1))
    pipe.incrby(DONE, len(follower_ids))
    pipe.execute()


def fan_out_pipelined(*, tweet_id: int, author_id: int) -> int:
    """Send the tasks of one tweet, each for 100 followers. Returns the number of followers."""
    followers = Follow.objects.filter(followee_id=author_id).values_list("follower_id", flat=True)
    ids = list(followers)
    for start in range(0, len(ids), TASK_FOLLOWERS):
        some = ids[start : start + TASK_FOLLOWERS]
        push_pipelined.delay(tweet_id=tweet_id, follower_ids=some)
    return len(ids)


@outbox_task("bench.fan_out_alone")
def fan_out_alone(*, tweet_id: int) -> None:
    """Push one tweet to all followers with the store; one task per tweet, without coalescing."""
    tweet = Tweet.objects.get(pk=tweet_id)
    followers = Follow.objects.filter(followee_id=tweet.author_id, since_id__isnull=False)
    ids = followers.order_by("follower_id").values_list("follower_id", flat=True)
    engine.push([tweet_id], list(ids))
