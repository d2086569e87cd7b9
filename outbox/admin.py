"""What is still owed: the events whose tasks are not done, and a way to try them at once."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince

from chirp.admin import ReadOnlyAdmin
from outbox import services
from outbox.models import Event

AGES = {"1m": (1, "Over a minute"), "10m": (10, "Over ten minutes"), "1h": (60, "Over an hour")}
ERROR_SHOWN = 120


class Stuck(admin.SimpleListFilter):
    """Those that were sent, and were not done in time."""

    title = "deliveries"
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The one choice beside all."""
        return [("1", "Sent more than once")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """As outbox.services.stuck counts them."""
        return queryset.filter(attempts__gt=1) if self.value() == "1" else queryset


class Failed(admin.SimpleListFilter):
    """Those whose task raised."""

    title = "last error"
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The one choice beside all."""
        return [("1", "Failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """With an error noted."""
        return queryset.exclude(last_error="") if self.value() == "1" else queryset


class Age(admin.SimpleListFilter):
    """Those that are owed for long."""

    title = "age"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """How long."""
        return [(key, label) for key, (_, label) in AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Published before that."""
        if self.value() not in AGES:
            return queryset
        minutes, _ = AGES[str(self.value())]
        return queryset.filter(created_at__lt=timezone.now() - timedelta(minutes=minutes))


class Topic(admin.SimpleListFilter):
    """What happened. The choices come from the settings: the table need not be read for them."""

    title = "topic"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every topic that there can be."""
        return [(topic, topic) for topic in settings.OUTBOX_ROUTES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Of this topic."""
        return queryset.filter(topic=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin[Event]):
    """Events that are not done yet, oldest first: the first ones are those in trouble."""

    list_display = ("id", "topic", "owed_to", "age", "attempts", "due_at", "error")
    list_filter = (Stuck, Failed, Age, Topic)
    search_fields = ("=id", "=request_id", "topic", "last_error")
    search_help_text = "An event's id, that of its request, or words of its topic or error."
    ordering = ("id",)
    fields = (
        *("id", "topic", "owed_to", "payload", "request_id"),
        *("created_at", "due_at", "attempts", "last_error"),
    )
    readonly_fields = fields
    actions = ("retry_now",)

    @admin.display(description="Consumers")
    def owed_to(self, event: Event) -> str:
        """The tasks that have not consumed it."""
        return ", ".join(event.consumers)

    @admin.display(description="Age")
    def age(self, event: Event) -> str:
        """For how long it is owed."""
        return timesince(event.created_at)

    @admin.display(description="Last error")
    def error(self, event: Event) -> str:
        """The end of the error, where the reason stands."""
        return event.last_error[-ERROR_SHOWN:]

    @admin.action(description="Retry now", permissions=["moderate"])
    def retry_now(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        """Make the chosen events due at once."""
        events = list(queryset)
        count = services.retry_now([event.pk for event in events])
        LogEntry.objects.log_actions(str(request.user.pk), events, CHANGE, "Retried")
        self.message_user(request, f"Due at once: {count}.", messages.SUCCESS)
