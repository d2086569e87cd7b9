"""What waits for moderators: the counts on the first page of the admin."""

from typing import NamedTuple

from django.db.models import Model, QuerySet

from accounts.joining.models import Waiting
from accounts.models import User
from moderation.models import Appeal, Case

COUNTED_AT_MOST = 100


class Queue(NamedTuple):
    """One kind of thing that somebody has to decide. `waiting` ends at COUNTED_AT_MOST."""

    title: str
    model: type[Model]
    waiting: int


def queues(user: User) -> list[Queue]:
    """Return what waits, of all that `user` may see in the admin. A query for each."""
    waiting: list[tuple[str, QuerySet[Model]]] = [
        ("Reports", Case.objects.filter(closed_at=None)),
        ("Appeals", Appeal.objects.filter(decided_at=None)),
        ("New accounts", Waiting.objects.filter(what=Waiting.For.APPROVAL)),
    ]
    return [
        Queue(title, rows.model, rows[:COUNTED_AT_MOST].count())
        for title, rows in waiting
        if _sees(user, rows.model)
    ]


def _sees(user: User, model: type[Model]) -> bool:
    name = f"{model._meta.app_label}.{{}}_{model._meta.model_name}"
    return user.has_perm(name.format("view")) or user.has_perm(name.format("change"))
