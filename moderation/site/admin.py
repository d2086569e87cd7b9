"""The admin for the texts of the site, its rules and announcements."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from chirp.admin import M
from chirp.admin_confirmation import AsksFirst
from moderation.remembered import Remembered
from moderation.site import services
from moderation.site.models import Announcement, Rule, Site


class EditedAdmin(AsksFirst[M], admin.ModelAdmin):  # type: ignore[type-arg]  # see chirp/admin.py
    """Rows that processes remember: this one sees a change at once."""

    memory: ClassVar[Sequence[Remembered[Any]]]

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        """Save, and forget what is remembered after the commit."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(self._forget)

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        """Delete, and forget what is remembered after the commit."""
        super().delete_model(request, obj)
        transaction.on_commit(self._forget)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        """Delete, and forget what is remembered after the commit."""
        super().delete_queryset(request, queryset)
        transaction.on_commit(self._forget)

    def _forget(self) -> None:
        for each in self.memory:
            each.forget()


class TextAdmin(EditedAdmin[M]):
    """Base of these admins."""

    memory = (services.texts, services.announcements)


@admin.register(Site)
class SiteAdmin(TextAdmin[Site]):
    """The only row: its list leads to it."""

    fields = ("name", "description", "contact", "terms", "privacy")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse a second row."""
        return super().has_add_permission(request) and not Site.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        """Refuse: a site has texts."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the row, which is created at the first time."""
        if not self.has_change_permission(request):
            return super().changelist_view(request, extra_context)
        row, _ = Site.objects.get_or_create(pk=Site.ONLY)
        return HttpResponseRedirect(reverse("admin:moderation_site_change", args=[row.pk]))


@admin.register(Rule)
class RuleAdmin(TextAdmin[Rule]):
    """The rules in their order."""

    list_display = ("position", "text")
    list_display_links = ("text",)
    ordering = ("position", "pk")


@admin.register(Announcement)
class AnnouncementAdmin(TextAdmin[Announcement]):
    """Announcements, the latest first."""

    list_display = ("text", "starts_at", "ends_at")
    ordering = ("-starts_at",)
    fields = ("text", "starts_at", "ends_at")
