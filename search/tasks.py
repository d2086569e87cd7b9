"""The tasks of search: those that events of the outbox start, and periodic ones."""

from typing import Any

from outbox.worker import outbox_task_together
from search import indexing


@outbox_task_together("search.index_tweets")
def index_tweets(payloads: list[dict[str, Any]]) -> None:
    """Tweets were posted, edited, deleted, hidden or restored."""
    indexing.index_tweets({payload["tweet_id"] for payload in payloads})
