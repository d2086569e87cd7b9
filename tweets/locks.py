"""The order of locks: what every change to tweets has in common.

A change takes its locks in one order: first the account that acts (accounts.locks.lock_account),
then tweets by id. So no two changes can wait for each other. The lock on the account also makes
everything that one account does happen one after another, and since the id of a tweet is drawn
under it, the tweets of one author are committed in the order of their ids.
"""

from collections.abc import Collection

from tweets.models import Tweet


def lock_tweets(ids: Collection[int]) -> None:
    """Lock tweets, in the order in which every change does."""
    rows = Tweet.objects.select_for_update(no_key=True).filter(pk__in=ids)
    list(rows.order_by("pk").values_list("pk"))
