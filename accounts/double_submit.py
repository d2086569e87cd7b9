"""Detect forms that are submitted twice: by a double click, a reload or a broken connection."""

import hashlib

from django.db import connection, transaction

from accounts.models import IdempotentRequest, User

PREFIX = "form:"  # keeps these keys apart from the idempotency keys that API clients choose


def is_first(*, user: User, key: str, content: str) -> bool:
    """Return whether `user` submits the form that was rendered with `key` for the first time.

    Call it in the transaction of the work. Of two concurrent submissions the second waits for the
    first, and gets False only if the first was committed. The same form with different `content`
    counts as a new one, because people go back and change it. A form without a key is always new.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "is_first() must be called in the transaction of the work."
        )
    if not key:
        return True
    digest = hashlib.sha256(f"{key}\n{content}".encode()).hexdigest()
    defaults = {"fingerprint": digest}
    _, created = IdempotentRequest.objects.get_or_create(
        user=user, key=PREFIX + digest, defaults=defaults
    )
    return created
