"""Base classes of the admin: rows are read-only, and change only by actions that call services.

Dangerous acts need a second question: declare an action with `dangerous`, and fields whose change
is dangerous in `dangerous_fields` (chirp/admin_confirmation.py).

The admin's log records every action with the object it changed. Lists stay cheap on tables of any
size: a count stops at COUNTED_AT_MOST rows, and no list runs a query per row. A search finds at
most FOUND_AT_MOST rows. Unless an index serves it, it looks through LOOKED_THROUGH rows, as a
filter does: one that finds nothing would otherwise read the whole table.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import IntegerField, Model, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import cached_property

from chirp.admin_confirmation import AsksFirst
from chirp.errors import ChirpError

M = TypeVar("M", bound=Model)
COUNTED_AT_MOST = 10_000
FOUND_AT_MOST = 1_000
LOOKED_THROUGH = 50_000
# Parameters of a list's address that do not narrow it.
NO_FILTERS = frozenset({"q", "p", "o", "e", "all"})

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    class GenericPaginator(Paginator[M]):
        """Django's paginator."""
else:  # Django's own classes are not generic at runtime

    class ModelAdmin(admin.ModelAdmin, Generic[M]):
        """Django's ModelAdmin, as type checkers see it."""

    class GenericPaginator(Paginator, Generic[M]):
        """Django's Paginator, as type checkers see it."""


class CappedPaginator(GenericPaginator[M]):
    """Pages of a list that may be huge: a search finds the rows beyond the cap."""

    @cached_property
    def count(self) -> int:
        """The number of rows, but at most COUNTED_AT_MOST."""
        rows: Any = self.object_list
        counted: int = rows.order_by()[:COUNTED_AT_MOST].count()
        return counted


class ReadOnlyAdmin(AsksFirst[M], ModelAdmin[M]):
    """An admin that shows rows but never edits them. Subclasses add actions that call services."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    list_per_page = 50
    ordering = ("-pk",)
    sortable_by: ClassVar[tuple[str, ...]] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """Search the `search_fields`, in the first LOOKED_THROUGH rows of the whole list.

        Subclasses answer searches that an index serves by themselves.
        """
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if search_term:
            return self.found(queryset, self.first_rows(found)), has_duplicates
        is_filtered = bool(set(request.GET) - NO_FILTERS)
        return (self.first_rows(found) if is_filtered else found), has_duplicates

    def found(self, queryset: QuerySet[M], *searches: QuerySet[M]) -> QuerySet[M]:
        """Return the rows that one of the searches finds: of each the first FOUND_AT_MOST.

        The ids are read here. As a subquery, PostgreSQL might compare every row of the table.
        """
        firsts = [search.order_by(*self.ordering)[:FOUND_AT_MOST] for search in searches]
        found = {pk for some in firsts for pk in some.values_list("pk", flat=True)}
        return queryset.filter(pk__in=found)

    def first_rows(self, queryset: QuerySet[M]) -> QuerySet[M]:
        """Return those of the rows that are among the first LOOKED_THROUGH of the whole list.

        In a list that is not in the order of its ids, as numbers, they are all.
        """
        order = {"pk": "pk", "id": "pk", "-pk": "-pk", "-id": "-pk"}.get(self.ordering[0])
        if order is None or not isinstance(self.model._meta.pk, IntegerField):
            return queryset
        whole = self.model._default_manager.order_by(order).values("pk")
        last = Subquery(whole[LOOKED_THROUGH - 1 : LOOKED_THROUGH])
        if order == "-pk":
            return queryset.filter(pk__gte=Coalesce(last, 0))
        return queryset.filter(pk__lte=Coalesce(last, 2**63 - 1))

    def has_add_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Refuse: only services create rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Refuse: actions change rows, not forms."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Refuse: the admin deletes no rows."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Whether the user may view the rows; users who may run the actions also may."""
        return super().has_view_permission(request, obj) or self.has_moderate_permission(request)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Whether the user may run the actions: has Django's permission to change these rows."""
        opts = self.opts
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    def each(
        self, request: HttpRequest, rows: Iterable[M], act: Callable[[M], object], done: str
    ) -> None:
        """Call `act` with each selected row, log `done` for it, and report the result to the user.

        A row that a service refuses is reported with the reason; the other rows still change.
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
    """The admin's log: which user did what to which object."""

    list_display = ("action_time", "user", "content_type", "object_repr", "what")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag",)
    search_fields = ("=object_id", "object_repr", "change_message")
    search_help_text = (
        f"The id or name of the object, or words from the newest {LOOKED_THROUGH:,} messages."
    )
    fields = ("action_time", "user", "content_type", "object_id", "object_repr", "what")
    readonly_fields = fields

    @admin.display(description="What was done")
    def what(self, entry: LogEntry) -> str:
        """The message of the entry as text."""
        return entry.get_change_message() or entry.get_action_flag_display()


def rows_of(queryset: QuerySet[M]) -> Iterable[M]:
    """Iterate over the selected rows in chunks: an action may run on every row of a filter."""
    return queryset.iterator(chunk_size=200)
