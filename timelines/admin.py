"""What timelines add to people in the admin: who is pulled, and an operator's word on it."""

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
    """How an author's tweets reach readers."""

    title = "delivery"
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The authors who are not just pushed."""
        overridden = [(str(choice), f"Override: {choice.label}") for choice in Decision]
        return [("pulled", "Pulled (celebrities)"), *overridden]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Those of the chosen kind. Both tables are small: celebrities are few."""
        if self.value() == "pulled":
            return queryset.filter(pk__in=PulledAuthor.objects.values("author"))
        if self.value() in Decision.values:
            chosen = CelebrityOverride.objects.filter(decision=self.value())
            return queryset.filter(pk__in=chosen.values("author"))
        return queryset


class CelebrityUserAdmin(UserAdmin):
    """People, and whether their tweets are pushed or pulled."""

    list_display = (*UserAdmin.list_display, "delivery")
    list_filter = (*UserAdmin.list_filter, Delivery)
    readonly_fields = (*UserAdmin.readonly_fields, "delivery")
    fieldsets = (*UserAdmin.fieldsets, ("Timelines", {"fields": ("delivery",)}))
    actions = (*UserAdmin.actions, "always_pull", "always_push", "by_followers")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """People with what is known of their delivery, in the same query."""
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
        """Those with Django's permission to change overrides."""
        return request.user.has_perm("timelines.change_celebrityoverride")

    @admin.display(description="Delivery")
    def delivery(self, user: Any) -> str:
        """How tweets reach readers now, and by whose word."""
        now = user.pulled_state or "pushed"
        return f"{now} ({Decision(user.override).label.lower()})" if user.override else now

    @admin.action(description="Celebrity: always pull", permissions=["override"])
    def always_pull(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Pull the chosen authors however few follow them."""
        self._override(request, queryset, Decision.PULL, Decision.PULL.label)

    @admin.action(description="Celebrity: always push", permissions=["override"])
    def always_push(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Push the chosen authors however many follow them."""
        self._override(request, queryset, Decision.PUSH, Decision.PUSH.label)

    @admin.action(description=f"Celebrity: {BY_FOLLOWERS}", permissions=["override"])
    def by_followers(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Take an override back."""
        self._override(request, queryset, None, BY_FOLLOWERS.capitalize())

    def _override(
        self, request: HttpRequest, queryset: QuerySet[User], decision: str | None, done: str
    ) -> None:
        def act(author: User) -> None:
            celebrities.set_override(author=author, decision=decision)

        self.each(request, rows_of(queryset), act, done)


admin.site.unregister(User)
admin.site.register(User, CelebrityUserAdmin)
