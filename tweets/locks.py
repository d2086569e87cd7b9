"""The order in which every change to tweets takes its locks.

A change first locks the acting account (accounts.locks.lock_account), then tweets in the order of
their ids. With one order, no two changes can wait for each other. The lock on the account also
serializes everything that one account does. The id of a tweet is drawn under this lock, so the
tweets of one author are committed in the order of their ids.
"""

from collections.abc import Collection

from tweets.models import Tweet


def lock_tweets(ids: Collection[int]) -> None:
    """Lock tweets in the order of their ids, until the transaction ends."""
    rows = Tweet.objects.select_for_update(no_key=True).filter(pk__in=ids)
    list(rows.order_by("pk").values_list("pk"))
