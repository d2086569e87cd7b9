"""The tasks of search: those that events of the outbox start, and periodic ones."""

from typing import Any

from celery import shared_task

from outbox.worker import outbox_task, outbox_task_together
from search import hashtags, indexing, people, trending


@outbox_task_together("search.index_tweets")
def index_tweets(payloads: list[dict[str, Any]]) -> None:
    """Tweets were posted, edited, deleted, hidden or restored."""
    indexing.index_tweets({payload["tweet_id"] for payload in payloads})


@outbox_task("search.index_history")
def index_history(*, tweet_ids: list[int]) -> None:
    """Tweets of the past were written."""
    indexing.index_tweets(set(tweet_ids))


@outbox_task("search.index_person")
def index_person(*, user_id: int) -> None:
    """The owner of an account saved the profile."""
    people.index_people([user_id])


@shared_task(name="search.index_new_people")
def index_new_people() -> None:
    """On schedule, index accounts that were created since."""
    people.index_new_people()


@shared_task(name="search.refresh_trends")
def refresh_trends() -> None:
    """On schedule, count who uses which hashtags."""
    hashtags.refresh()


@shared_task(name="search.refresh_trending_tweets")
def refresh_trending_tweets() -> None:
    """On schedule, count with which tweets how many people do something."""
    trending.refresh()


@shared_task(name="search.refresh_tiers")
def refresh_tiers() -> None:
    """On schedule, bring up to date how many followers the accounts have that search finds."""
    people.refresh_tiers()
