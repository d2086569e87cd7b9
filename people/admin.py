"""Follows in the admin: look, and end them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.models import User
from chirp.admin import ReadOnlyAdmin, rows_of
from people import services
from people.models import Follow


class Accepted(admin.SimpleListFilter):
    """Follows, or requests that a private account has not answered."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Both kinds."""
        return [("follow", "Follows"), ("request", "Requests")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Follow]) -> QuerySet[Follow]:
        """Those of the chosen kind."""
        if self.value() == "follow":
            return queryset.exclude(since_id=None)
        return queryset.filter(since_id=None) if self.value() == "request" else queryset


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin[Follow]):
    """Who follows whom. Deleting ends the follow, as the follower would."""

    list_display = ("id", "follower", "followee", "accepted", "reposts", "created_at")
    list_display_links = ("id",)
    list_select_related = ("follower", "followee")
    list_filter = (Accepted,)
    search_fields = ("follower__handle",)  # shows the box; get_search_results does the work
    search_help_text = "The handle of a follower or a followee."
    fields = ("follower", "followee", "accepted", "since_id", "reposts", "created_at")
    readonly_fields = fields

    def has_delete_permission(self, request: HttpRequest, obj: Follow | None = None) -> bool:
        """Those with Django's permission to delete follows."""
        return request.user.has_perm("people.delete_follow")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Follow], search_term: str
    ) -> tuple[QuerySet[Follow], bool]:
        """Edges of exactly this person: both ways are found by an index, however many there are."""
        handle = search_term.strip().removeprefix("@")
        if not handle:
            return queryset, False
        person = User.objects.by_handle(handle).values("pk")
        return queryset.filter(Q(follower__in=person) | Q(followee__in=person)), False

    @admin.display(description="Accepted", boolean=True)
    def accepted(self, follow: Follow) -> bool:
        """Whether it is a follow, not a request."""
        return follow.since_id is not None

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[str]]:
        """What the page before a deletion lists: nothing hangs on a follow."""
        names = [_told(follow) for follow in objs]
        return names, {"follows": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Follow) -> None:
        """End one follow."""
        services.unfollow(follower=obj.follower, followee=obj.followee)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Follow]) -> None:
        """End several follows."""
        for follow in rows_of(queryset.select_related("follower", "followee")):
            self.delete_model(request, follow)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Say whose follow it was: a number alone would tell nothing afterwards."""
        user_id = str(request.user.pk)
        for follow in queryset:
            told = _told(follow)
            LogEntry.objects.log_actions(user_id, [follow], DELETION, told, single_object=True)


def _told(follow: Follow) -> str:
    return f"{follow.follower} follows {follow.followee}"
