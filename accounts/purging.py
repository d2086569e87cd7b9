"""Purge an account whose time has come: every row, file and key of it, in batches.

Each app forgets what it knows of the account in steps of its own (settings.PURGE_STEPS, the
uppermost app first). A step does one batch in its own transactions, and returns whether there may
be more of it. So no transaction is large, and whatever is killed goes on where it stopped: what is
done is found done. Rows that refer to an account and need nothing but to go are found by their
foreign keys (`rest`), in tables that nobody has thought of too. The database itself refuses to
delete an account to which a row still refers.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import connection, models, router, transaction
from django.db.models import ForeignObjectRel, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import creation, sql
from accounts.events import PurgeDue
from accounts.mail import queue as mail
from accounts.models import RetiredHandle, User
from accounts.services import is_lost
from outbox.services import owed_about, publish

BATCH = 1_000  # rows
BATCHES = 20  # of one task: some seconds
GONE = "a deleted account"


def purge(*, user_id: int) -> None:
    """Do some of the work, and publish that there is more of it."""
    event = PurgeDue(user_id=user_id)
    if not purge_some(user_id=user_id) and not owed_about(event, unsent=True):
        with transaction.atomic():
            publish(event)


def purge_some(*, user_id: int, batches: int = BATCHES) -> bool:
    """Do so many batches of the work at most. Return whether the account is gone. Idempotent.

    Nothing is done to an account that is not to be deleted by now.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None or not is_lost(user, timezone.now()):
        return True
    for name in settings.PURGE_STEPS:
        step = import_string(name)
        while step(user_id=user_id):
            batches -= 1
            if batches <= 0:
                return False
    _finish(user)
    return True


def rest(*, user_id: int) -> bool:
    """Delete a batch of the rows that refer to the account, or that do not any more.

    What happens to them is what their foreign key says of a deletion: CASCADE or SET_NULL.
    """
    return any(_forget(relation, user_id) for relation in _relations(User))


def _relations(model: type[models.Model]) -> Iterator[ForeignObjectRel]:
    for field in model._meta.get_fields(include_hidden=True):
        if isinstance(field, ForeignObjectRel) and (field.one_to_many or field.one_to_one):
            yield field


def _forget(relation: ForeignObjectRel, user_id: int) -> bool:
    rows: models.QuerySet[Any] = relation.related_model._base_manager.all()
    name = relation.field.name
    ids = list(rows.filter(**{name: user_id}).values_list("pk", flat=True)[:BATCH])
    batch = rows.filter(pk__in=ids)
    if ids and relation.on_delete is models.CASCADE:
        batch.delete()
    elif ids and relation.on_delete is models.SET_NULL:
        batch.update(**{name: None})
    else:  # the app that owns the rows has a step for them, or there are none
        return False
    return True


def _finish(user: User) -> None:
    """Delete the row of the account, and what names it without referring to it."""
    with transaction.atomic():
        # The database looks through whole tables for rows that refer to the account.
        with connection.cursor() as cursor:
            cursor.execute(sql.NO_STATEMENT_TIMEOUT)
        if not User.objects.select_for_update().filter(pk=user.pk).exists():
            return
        RetiredHandle.objects.get_or_create(hash=creation.retired_hash(user.handle))
        mail.forget_about(user=user)
        _anonymize_log(user)
        # Not `delete`: it would look for all the rows once more, and delete them at once.
        User.objects.filter(pk=user.pk)._raw_delete(router.db_for_write(User))


def _anonymize_log(user: User) -> None:
    """Let the log of the admin not name the account. The audit log has its number."""
    of_accounts = Q(content_type__app_label="accounts", content_type__model="user")
    LogEntry.objects.filter(of_accounts, object_id=str(user.pk)).delete()
    names = "|".join((f"@{user.handle}", rf"\m{re.escape(user.email)}"))
    named = LogEntry.objects.filter(object_repr__iregex=rf"({names})\y")
    named.update(object_repr=GONE, change_message="")
