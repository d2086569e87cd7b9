"""The log of the admin, whose entries another app keeps too, by a hook."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from chirp import hooks

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:

    class Base(admin.ModelAdmin[M]):
        """Any admin: a Logged is mixed into one."""
else:

    class Base(Generic[M]):
        """Any admin, which is generic for type checkers only."""


class Logged(Base[M]):
    """Base of all admins: what Django logs goes to the hook, in the same transaction."""

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> LogEntry:
        """Log that a row was added."""
        entry = super().log_addition(request, obj, message)
        _pass_on([entry])
        return entry

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> LogEntry:
        """Log that a row was changed."""
        entry = super().log_change(request, obj, message)
        _pass_on([entry])
        return entry

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[M]) -> Any:
        """Log that rows are going to be deleted."""
        logged: Any = super().log_deletions(request, queryset)
        _pass_on([logged] if isinstance(logged, LogEntry) else logged)
        return logged


def log_change(row: Model, *, by: int, what: str) -> None:
    """Log that an account of staff changed a row by another way than the admin."""
    entry = LogEntry.objects.create(
        user_id=by,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        change_message=what,
    )
    _pass_on([entry])


def _pass_on(entries: Iterable[LogEntry]) -> None:
    hooks.run("admin.logged", logged=list(entries))
