"""The admin for the delivery of authors: pushed, pulled, and overrides by an operator."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from accounts.admin import UserAdmin
from accounts.models import User
from chirp.admin import rows_of
from timelines import celebrities
from timelines.models import CelebrityOverride, PulledAuthor

Decision = CelebrityOverride.Decision
BY_FOLLOWERS = "by follower count"


class Delivery(admin.SimpleListFilter):
    """Filter authors by how their tweets are delivered to timelines."""

    title = "delivery"
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds of delivery other than the usual one, which is pushing."""
        overridden = [(str(choice), f"Override: {choice.label}") for choice in Decision]
        return [("pulled", "Pulled (celebrities)"), *overridden]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the authors of the chosen kind.

        The subqueries are cheap, because both tables are small: there are few celebrities.
        """
        if self.value() == "pulled":
            return queryset.filter(pk__in=PulledAuthor.objects.values("author"))
        if self.value() in Decision.values:
            chosen = CelebrityOverride.objects.filter(decision=self.value())
            return queryset.filter(pk__in=chosen.values("author"))
        return queryset


class CelebrityUserAdmin(UserAdmin):
    """Users, and whether their tweets are pushed or pulled."""

    list_display = (*UserAdmin.list_display, "delivery")
    list_filter = (*UserAdmin.list_filter, Delivery)
    readonly_fields = (*UserAdmin.readonly_fields, "delivery")
    fieldsets = (*UserAdmin.fieldsets, ("Timelines", {"fields": ("delivery",)}))
    actions = (*UserAdmin.actions, "always_pull", "always_push", "by_followers")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return users with their delivery state and override, in the same query."""
        pulled = PulledAuthor.objects.filter(author=OuterRef("pk"))
        overrides = CelebrityOverride.objects.filter(author=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                pulled_state=Subquery(pulled.values("state")[:1]),
                override=Subquery(overrides.values("decision")[:1]),
            )
        )

    def has_override_permission(self, request: HttpRequest) -> bool:
        """Return whether the operator has Django's permission to change overrides."""
        return request.user.has_perm("timelines.change_celebrityoverride")

    @admin.display(description="Delivery")
    def delivery(self, user: Any) -> str:
        """Return how tweets of the user are delivered now, and the override if there is one."""
        state = user.pulled_state or "pushed"
        return f"{state} ({Decision(user.override).label.lower()})" if user.override else state

    @admin.action(description="Celebrity: always pull", permissions=["override"])
    def always_pull(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Pull the selected authors, regardless of their number of followers."""
        self._override(request, queryset, Decision.PULL, Decision.PULL.label)

    @admin.action(description="Celebrity: always push", permissions=["override"])
    def always_push(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Push the selected authors, regardless of their number of followers."""
        self._override(request, queryset, Decision.PUSH, Decision.PUSH.label)

    @admin.action(description=f"Celebrity: {BY_FOLLOWERS}", permissions=["override"])
    def by_followers(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Remove the overrides of the selected authors."""
        self._override(request, queryset, None, BY_FOLLOWERS.capitalize())

    def _override(
        self, request: HttpRequest, queryset: QuerySet[User], decision: str | None, message: str
    ) -> None:
        def act(author: User) -> None:
            celebrities.set_override(author=author, decision=decision)

        self.each(request, rows_of(queryset), act, message)


admin.site.unregister(User)
admin.site.register(User, CelebrityUserAdmin)
