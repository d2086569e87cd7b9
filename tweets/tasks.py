"""The tasks that events of the outbox start (settings.OUTBOX_ROUTES)."""

from outbox.worker import outbox_task
from tweets import recounts


@outbox_task("tweets.recount_around")
def recount_around(*, user_id: int) -> None:
    """An account became visible or invisible to some viewers."""
    recounts.recount_around(user_id=user_id)


@outbox_task("tweets.recount_reposters")
def recount_reposters(*, tweet_id: int) -> None:
    """A tweet was deleted, hidden or restored."""
    recounts.recount_reposters(tweet_id=tweet_id)
