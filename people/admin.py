"""Follows in the admin: view them and end them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from chirp.admin import ReadOnlyAdmin, rows_of
from people import services
from people.models import Follow


class KindFilter(admin.SimpleListFilter):
    """Filter by kind: accepted follows, or pending requests to private accounts."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return both kinds."""
        return [("follow", "Follows"), ("request", "Requests")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Follow]) -> QuerySet[Follow]:
        """Return the rows of the chosen kind."""
        if self.value() == "follow":
            return queryset.exclude(since_id=None)
        return queryset.filter(since_id=None) if self.value() == "request" else queryset


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin[Follow]):
    """Follows and follow requests. Deleting one has the effect of an unfollow by the follower."""

    list_display = ("id", "follower", "followee", "accepted", "reposts", "notify", "created_at")
    list_display_links = ("id",)
    list_select_related = ("follower", "followee")
    list_filter = (KindFilter,)
    search_fields = ("follower__handle",)  # enables the search box; see get_search_results
    search_help_text = "The handle of a follower or a followee."
    fields = (
        "follower",
        "followee",
        "accepted",
        "since_id",
        "reposts",
        "notify",
        "featured",
        "created_at",
    )
    readonly_fields = fields

    def has_delete_permission(self, request: HttpRequest, obj: Follow | None = None) -> bool:
        """Return whether the user has Django's permission to delete follows."""
        return request.user.has_perm("people.delete_follow")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Follow], search_term: str
    ) -> tuple[QuerySet[Follow], bool]:
        """Return the follows from and to the account with exactly this handle.

        Only whole handles match, so that indexes serve the search however many follows there are.
        """
        handle = search_term.strip().removeprefix("@")
        if not handle:
            return queryset, False
        account = User.objects.by_handle(handle).first()
        if account is None:
            return queryset.none(), False
        by, of = Follow.objects.filter(follower=account), Follow.objects.filter(followee=account)
        return self.found(queryset, by, of), False

    @admin.display(description="Accepted", boolean=True)
    def accepted(self, follow: Follow) -> bool:
        """Return whether this is an accepted follow rather than a request."""
        return follow.since_id is not None

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[str]]:
        """Return what the confirmation page lists. No other rows depend on a follow."""
        descriptions = [_describe(follow) for follow in objs]
        return descriptions, {"follows": len(descriptions)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Follow) -> None:
        """End one follow."""
        services.unfollow(follower=obj.follower, followee=obj.followee)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Follow]) -> None:
        """End several follows."""
        for follow in rows_of(queryset.select_related("follower", "followee")):
            self.delete_model(request, follow)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Log both handles: the id alone would mean nothing once the row is deleted."""
        user_id = str(request.user.pk)
        for follow in queryset:
            text = _describe(follow)
            LogEntry.objects.log_actions(user_id, [follow], DELETION, text, single_object=True)


def _describe(follow: Follow) -> str:
    return f"{follow.follower} follows {follow.followee}"
