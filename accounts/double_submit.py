"""Forms that are sent twice by accident: a double click, a reload, a connection that broke."""

import hashlib

from django.db import connection, transaction

from accounts.models import IdempotentRequest, User

PREFIX = "form:"  # apart from what clients of the API choose as their keys


def is_first(*, user: User, key: str, content: str) -> bool:
    """Whether `user` sends the form that was handed out with `key` for the first time.

    To be asked within the transaction of the work: then of two that race the second waits, and gets
    False only if the first one's work was kept. The same form with other `content` (people go
    back and change it) is another one. A form without a key is always new.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "is_first() belongs in the work's transaction."
        )
    if not key:
        return True
    digest = hashlib.sha256(f"{key}\n{content}".encode()).hexdigest()
    defaults = {"fingerprint": digest}
    _, created = IdempotentRequest.objects.get_or_create(
        user=user, key=PREFIX + digest, defaults=defaults
    )
    return created
