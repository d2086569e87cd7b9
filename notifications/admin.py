"""The admin of notifications: what was stored, and what accounts chose. Read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from chirp.admin import ReadOnlyAdmin
from chirp.outbound.addresses import host_of
from notifications.models import Digest, Group, Marker, Request, Settings
from notifications.push.models import Push, PushSubscription


def of_handle(term: str, field: str) -> dict[str, object]:
    """The filter for rows of the account with exactly this handle, which an index serves."""
    account = User.objects.by_handle(term.strip().removeprefix("@")).values("pk")
    return {f"{field}__in": account}


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin[Group]):
    """Groups of notifications, the latest first."""

    list_display = ("id", "recipient", "kind", "tweet_id", "count", "visible", "newest_at")
    list_display_links = ("id",)
    list_select_related = ("recipient",)
    list_filter = ("kind",)
    search_fields = ("recipient__handle",)  # enables the search box; see get_search_results
    search_help_text = "The handle of a recipient."
    ordering = ("-id",)
    fields = (
        *("recipient", "kind", "tweet_id", "bucket", "note", "count", "actors"),
        *("newest_id", "newest_at", "visible"),
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Group], search_term: str
    ) -> tuple[QuerySet[Group], bool]:
        """Return the groups of the account with exactly this handle."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(**of_handle(search_term, "recipient")), False


@admin.register(Settings)
class SettingsAdmin(ReadOnlyAdmin[Settings]):
    """How accounts want to hear of what concerns them."""

    list_display = ("user", "strangers", "digest")
    list_select_related = ("user",)
    list_filter = ("strangers", "digest")
    search_fields = ("=user__handle",)
    fields = ("user", "off", "mailed", "strangers", "digest")
    readonly_fields = fields


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin[Request]):
    """Strangers whose notifications are filtered."""

    list_display = ("id", "recipient", "actor", "count", "accepted")
    list_select_related = ("recipient", "actor")
    fields = ("recipient", "actor", "count", "newest_id", "dismissed_up_to", "accepted")
    readonly_fields = fields


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin[Digest]):
    """The digests of the last days, and whether they were sent."""

    list_display = ("id", "user", "day", "sent_at")
    list_select_related = ("user",)
    list_filter = ("day",)
    fields = ("user", "day", "sent_at", "position")
    readonly_fields = fields


@admin.register(Marker)
class MarkerAdmin(ReadOnlyAdmin[Marker]):
    """Read positions."""

    list_display = ("id", "user", "name", "last_read_id", "version", "updated_at")
    list_select_related = ("user",)
    list_filter = ("name",)
    fields = ("user", "name", "last_read_id", "version", "updated_at")
    readonly_fields = fields


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin[PushSubscription]):
    """Devices that get notifications. Of the endpoint only the host is shown: it is a secret."""

    list_display = ("id", "user", "host", "created_at", "succeeded_at", "failures")
    list_select_related = ("user",)
    search_fields = ("=user__handle",)
    fields = (
        *("user", "host", "standard", "kinds", "policy", "created_at"),
        *("succeeded_at", "failures", "failing_since", "resume_at"),
    )
    readonly_fields = fields

    @admin.display(description="push service")
    def host(self, row: PushSubscription) -> str:
        """The host of the endpoint."""
        return host_of(row.endpoint)


@admin.register(Push)
class PushAdmin(ReadOnlyAdmin[Push]):
    """What is on its way to devices."""

    list_display = ("id", "subscription", "notification_id", "attempts", "due_at")
    list_select_related = ("subscription__user",)
    fields = (
        *("subscription", "recipient_id", "group_id", "notification_id"),
        *("attempts", "due_at", "created_at"),
    )
    readonly_fields = fields
