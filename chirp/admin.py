"""The admin's ground rules: rows are looked at, and changed only by actions that call services.

Every action is written down in the log of the admin, beside what it did. Lists stay cheap on tables
of any size: a count never looks at more than COUNTED_AT_MOST rows, and no list asks a query a row.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from chirp.errors import ChirpError

M = TypeVar("M", bound=Model)
COUNTED_AT_MOST = 10_000

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    class SomePaginator(Paginator[M]):
        """Django's."""
else:  # Django's own classes take no type argument while they run

    class ModelAdmin(admin.ModelAdmin, Generic[M]):
        """Django's, as type checkers see it."""

    class SomePaginator(Paginator, Generic[M]):
        """Django's, as type checkers see it."""


class CappedPaginator(SomePaginator[M]):
    """Pages of a list that may be huge: what lies beyond the cap is found by searching."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, as far as anybody would page."""
        rows: Any = self.object_list
        counted: int = rows.order_by()[:COUNTED_AT_MOST].count()
        return counted


class ReadOnlyAdmin(ModelAdmin[M]):
    """Rows that can be looked at. Subclasses add actions, which call services."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    list_per_page = 50
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()

    def has_add_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Rows come from services alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Rows are changed by actions, not by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Rows stay."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Whoever may act on rows may look at them."""
        return super().has_view_permission(request, obj) or self.has_moderate_permission(request)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Who may run the actions: those with Django's permission to change such rows."""
        opts = self.opts
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    def each(
        self, request: HttpRequest, rows: Iterable[M], act: Callable[[M], object], done: str
    ) -> None:
        """Do something to each chosen row, log it with the row, and say how it went.

        A row that a service refuses is named with the reason and holds up no other.
        """
        count = 0
        for row in rows:
            try:
                with transaction.atomic():
                    act(row)
                    self.log_change(request, row, done)
                count += 1
            except ChirpError as error:
                self.message_user(request, f"{row}: {error.detail}", messages.WARNING)
        if count:
            self.message_user(request, f"{done}: {count}.", messages.SUCCESS)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin[LogEntry]):
    """Who did what here."""

    list_display = ("action_time", "user", "content_type", "object_repr", "what")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag",)
    search_fields = ("=object_id", "object_repr", "change_message")
    search_help_text = "The id or name of what was acted on, or words of what was done."
    fields = ("action_time", "user", "content_type", "object_id", "object_repr", "what")
    readonly_fields = fields

    @admin.display(description="What was done")
    def what(self, entry: LogEntry) -> str:
        """The message, in words."""
        return entry.get_change_message() or entry.get_action_flag_display()


def rows_of(queryset: QuerySet[M]) -> Iterable[M]:
    """The chosen rows, a few at a time: an action can be run on every row of a filter."""
    return queryset.iterator(chunk_size=200)
