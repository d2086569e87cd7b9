"""The settings page of invitations."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.joining import invitations
from accounts.joining.links import invitation_path
from accounts.models import User
from chirp.pagination import PageRequest
from web.auth import signed_in
from web.forms.base import respond_form
from web.forms.joining import InvitationForm
from web.limits import limit_account
from web.responses import go_back


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings_invitations(request: HttpRequest, me: User) -> HttpResponse:
    """Make invitations, and see who came by them."""
    form = InvitationForm(request.POST if request.method == "POST" else None)

    def act(uses: int | None, days: int | None, note: str, follow: bool) -> None:
        limit_account(request)
        invitations.create(
            by=me, uses=uses, days=days, note=note, follow=follow, now=timezone.now()
        )
        messages.success(request, gettext("Here is the link. Send it to whom you invite."))

    if form.is_bound and form.passes(act):
        return redirect("settings_invitations")
    page = invitations.sent_by(user=me, page=PageRequest.of(request.GET), now=timezone.now())
    base = request.build_absolute_uri("/").rstrip("/")
    links = {
        each.invitation.pk: f"{base}{invitation_path(each.invitation.code)}"
        for each in page.results
    }
    context = {"page": page, "links": links, "may_invite": invitations.may_invite(me)}
    return respond_form(request, "pages/accounts/settings_invitations.html", form, context)


@require_POST
@signed_in
def revoke_invitation(request: HttpRequest, me: User, invitation_id: int) -> HttpResponse:
    """Let nobody come by an invitation any more."""
    limit_account(request)
    invitations.revoke(by=me, invitation_id=invitation_id, now=timezone.now())
    return go_back(request, reverse("settings_invitations"), say=gettext("Revoked."))
