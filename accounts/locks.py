"""Locks on the rows of accounts, for every app that changes something of them.

A change that needs several accounts locks them in the order of their ids, so that no two changes
wait for each other. The locks are "no key" ones: rows that merely refer to an account, such as a
mention, do not have to wait.
"""

from accounts.models import User
from chirp.errors import NotFound


def lock_accounts(*ids: int) -> dict[int, User]:
    """Lock these accounts and return them by id, as they are now. Raises NotFound.

    Within a transaction; the locks last until its end.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    accounts = {account.pk: account for account in rows}
    if len(accounts) < len(set(ids)):
        raise NotFound
    return accounts


def lock_account(user_id: int) -> None:
    """Wait for everything else that this account is doing."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk"))
