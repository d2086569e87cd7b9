"""Note with tweets, likes and mentions whether their author is private or gone, for lists alone.

Lists look for what reaches everybody in other places of their indexes than for the rest, so that
they do not meet what an account hides, however much it is. The notes decide nothing: queries and
rules look the accounts up at every read.

A note may be wrong for a while after an account changed. If it says too little, lists read what
they then leave out. If it says too much, what the account did would be missing, so they also look
up the accounts with a `PendingRecount`: it is written with the change, and ends after the notes are
right. This takes two rules: whoever writes a note holds the lock on the account and has read its
state below the lock, and a task that ends a recount has noted everything before.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.locks import lock_accounts
from accounts.models import User
from chirp.itertools import batched
from tweets.models import AuthorState, Like, Mention, Tweet

BATCH = 500  # rows that are changed under one lock
Notes = Callable[[User], dict[str, Any]]  # the columns to set


def state_to_note(author_is_public: bool) -> AuthorState:
    """Return what to note with something new, by what `lock_account` returned."""
    return AuthorState.OPEN if author_is_public else AuthorState.PRIVATE


def note_state(user_id: int) -> None:
    """Note the state of an account with all that lists may show of it. May run twice."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return
    for rows, notes in (
        (Tweet.objects.filter(author=user, deleted_at=None), _author_state),
        (Like.objects.filter(user=user), _author_state),
        (Mention.objects.filter(author=user), _author_gone),
    ):
        wrong = rows.exclude(**notes(user)).values_list("pk", flat=True)
        for batch in batched(list(wrong), BATCH):
            _note(user_id, rows.filter(pk__in=batch), notes)


@transaction.atomic
def _note(user_id: int, rows: QuerySet[Any], notes: Notes) -> None:
    rows.update(**notes(lock_accounts(user_id)[user_id]))


def _author_state(user: User) -> dict[str, Any]:
    return {"author_state": _state(user)}


def _author_gone(user: User) -> dict[str, Any]:
    return {"author_gone": not user.is_active}


def _state(user: User) -> AuthorState:
    if not user.is_active:
        return AuthorState.GONE
    return AuthorState.PRIVATE if user.private else AuthorState.OPEN
