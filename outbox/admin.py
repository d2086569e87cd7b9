"""Unfinished events in the admin, with an action that retries them immediately."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince

from chirp import ids
from chirp.admin import LOOKED_THROUGH, ReadOnlyAdmin
from outbox import services
from outbox.models import Event

AGES = {"1m": (1, "Over a minute"), "10m": (10, "Over ten minutes"), "1h": (60, "Over an hour")}
ERROR_SHOWN = 120


class StuckFilter(admin.SimpleListFilter):
    """Events that were sent and not finished before their lease expired."""

    title = "deliveries"
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the only choice besides "All"."""
        return [("1", "Sent more than once")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the events that outbox.services.stuck counts."""
        return queryset.filter(attempts__gt=1) if self.value() == "1" else queryset


class FailedFilter(admin.SimpleListFilter):
    """Events with a task that raised an exception."""

    title = "last error"
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the only choice besides "All"."""
        return [("1", "Failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the events with an error."""
        return queryset.exclude(last_error="") if self.value() == "1" else queryset


class AgeFilter(admin.SimpleListFilter):
    """Events that have been unfinished for a long time."""

    title = "age"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the ages to choose from."""
        return [(key, label) for key, (_, label) in AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the events that are older than the chosen age."""
        if self.value() not in AGES:
            return queryset
        minutes, _ = AGES[str(self.value())]
        return queryset.filter(created_at__lt=timezone.now() - timedelta(minutes=minutes))


class TopicFilter(admin.SimpleListFilter):
    """Filter by topic. The choices come from the settings, so no query is needed for them."""

    title = "topic"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all topics."""
        return [(topic, topic) for topic in settings.OUTBOX_ROUTES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the events of the chosen topic."""
        return queryset.filter(topic=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin[Event]):
    """Unfinished events, oldest first, because old ones are likely to have a problem."""

    list_display = ("id", "topic", "remaining_consumers", "age", "attempts", "due_at", "error")
    list_filter = (StuckFilter, FailedFilter, AgeFilter, TopicFilter)
    search_fields = ("request_id", "topic", "last_error")
    search_help_text = (
        "The id of an event; or, in the oldest "
        f"{LOOKED_THROUGH:,} events, part of the topic, the error or the id of the request."
    )
    ordering = ("id",)
    fields = (
        *("id", "topic", "remaining_consumers", "payload", "request_id"),
        *("created_at", "due_at", "attempts", "last_error"),
    )
    readonly_fields = fields
    actions = ("retry_now",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """Search by id, which an index serves; otherwise by parts of other columns."""
        if (id_ := ids.parse(search_term.strip())) is not None:
            return queryset.filter(pk=id_), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="Consumers")
    def remaining_consumers(self, event: Event) -> str:
        """Return the tasks that have not consumed the event."""
        return ", ".join(event.consumers)

    @admin.display(description="Age")
    def age(self, event: Event) -> str:
        """Return the age of the event."""
        return timesince(event.created_at)

    @admin.display(description="Last error")
    def error(self, event: Event) -> str:
        """Return the end of the error, which has the reason."""
        return event.last_error[-ERROR_SHOWN:]

    @admin.action(description="Retry now", permissions=["moderate"])
    def retry_now(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        """Make the selected events due immediately."""
        events = list(queryset)
        count = services.retry_now([event.pk for event in events])
        LogEntry.objects.log_actions(str(request.user.pk), events, CHANGE, "Retried")
        self.message_user(request, f"Due now: {count}.", messages.SUCCESS)
