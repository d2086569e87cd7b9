"""Row locks on accounts, for every app that changes data of an account.

A change that needs several accounts locks them in the order of their ids, so that two changes
cannot deadlock. The locks are `FOR NO KEY UPDATE`: inserting a row that only refers to an account,
such as a mention, does not wait.
"""

from django.db import connection, transaction

from accounts import sql
from accounts.models import User
from chirp.db.prepared import Prepared
from chirp.errors import NotFound


def lock_accounts(*ids: int) -> dict[int, User]:
    """Lock these accounts and return their current rows by id.

    Call it in a transaction, which holds the locks until it ends. Raises NotFound if an account
    does not exist.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    accounts = {account.pk: account for account in rows}
    if len(accounts) < len(set(ids)):
        raise NotFound
    return accounts


def lock_account(user_id: int) -> bool:
    """Lock one account, and so wait for all other changes that lock it.

    Returns whether the account is public now: neither private, deactivated nor suspended. Only what
    public accounts do changes counts that everyone sees.
    """
    return _lock(user_id, sql.LOCK_ACCOUNT)


def lock_and_count_tweet(user_id: int) -> bool:
    """Lock one account as `lock_account` does, and add a tweet to its count, in one statement."""
    return _lock(user_id, sql.LOCK_AND_COUNT_TWEET)


def _lock(user_id: int, query: Prepared) -> bool:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A lock on an account needs a transaction.")
    return (True,) in query.rows(id=user_id)
