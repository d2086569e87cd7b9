"""Registration in the admin: the terms, invitations, and the queue of those who wait."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.joining import invitations, waiting
from accounts.joining.models import Invitation, Terms, Waiting
from chirp.admin import ReadOnlyAdmin, rows_of
from chirp.admin_confirmation import AsksFirst, dangerous


@admin.register(Terms)
class TermsAdmin(AsksFirst[Terms], admin.ModelAdmin):  # type: ignore[type-arg]  # see chirp/admin.py
    """Who may register: the only row. Its list leads to it."""

    fields = ("mode", "domains", "members_invite", "message")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse a second row."""
        return super().has_add_permission(request) and not Terms.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Terms | None = None) -> bool:
        """Refuse: there are always terms."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the row, which is created at the first time."""
        if not self.has_change_permission(request):
            return super().changelist_view(request, extra_context)
        row, _ = Terms.objects.get_or_create(pk=Terms.ONLY)
        return HttpResponseRedirect(reverse("admin:accounts_terms_change", args=[row.pk]))


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin[Invitation]):
    """Invitations. Staff makes them in its settings, on the site."""

    list_display = ("id", "inviter", "note", "uses_left", "expires_at", "revoked_at", "created_at")
    list_select_related = ("inviter",)
    fields = (*list_display, "follow", "came")
    readonly_fields = fields
    actions = ("revoke",)

    @admin.display(description="Came by it")
    def came(self, invitation: Invitation) -> str:
        """Return the first of the accounts that came by it."""
        users = invitation.arrivals.select_related("user").order_by("pk")
        return ", ".join(str(each.user) for each in users[: invitations.SHOWN])

    @dangerous("Nobody can register by these invitations any more.")
    @admin.action(description="Revoke", permissions=["moderate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Revoke the selected invitations."""

        def act(row: Invitation) -> None:
            invitations.revoke_any(row, now=timezone.now())

        self.each(request, rows_of(queryset), act, "Revoked")


class AnswerForm(ActionForm):
    """What an applicant reads who is rejected."""

    answer = forms.CharField(
        required=False, max_length=waiting.ANSWER_LENGTH, label=" Answer, for rejections:"
    )


@admin.register(Waiting)
class WaitingAdmin(ReadOnlyAdmin[Waiting]):
    """The queue: new accounts that wait. Approving also spares the confirmation of an address."""

    list_display = ("user", "email", "what", "reason", "created_at")
    list_select_related = ("user",)
    list_filter = ("what",)
    ordering = ("-created_at",)
    fields = list_display
    readonly_fields = fields
    actions = ("approve", "reject")
    action_form = AnswerForm

    @admin.display(description="Address")
    def email(self, row: Waiting) -> str:
        """Return the address of the account."""
        return row.user.email

    @admin.action(description="Approve", permissions=["moderate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Waiting]) -> None:
        """Let the selected accounts begin."""
        self.each(request, rows_of(queryset), waiting.approve, "Approved")

    @dangerous("These accounts are deleted, and their owners get an e-mail.")
    @admin.action(description="Reject", permissions=["moderate"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Waiting]) -> None:
        """Delete the selected accounts."""

        def act(row: Waiting) -> None:
            waiting.reject(row, answer=request.POST.get("answer", ""))

        self.each(request, rows_of(queryset), act, "Rejected")
