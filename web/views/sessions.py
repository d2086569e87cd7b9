"""The settings page of places where the account is signed in."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions
from accounts.models import User
from accounts.sessions import Here
from chirp.limits.addresses import client_address
from web.auth import signed_in
from web.limits import limit_account
from web.responses import go_back, respond


@require_safe
@signed_in
def session_list(request: HttpRequest, me: User) -> HttpResponse:
    """Where the account is signed in."""
    found = sessions.sign_ins(user=me, here=_here(request), now=timezone.now())
    return respond(request, "pages/accounts/settings_sessions.html", {"sign_ins": found})


@require_POST
@signed_in
def end_session(request: HttpRequest, me: User) -> HttpResponse:
    """Sign one of the places out."""
    limit_account(request)
    wanted, address = request.POST.get("id", ""), client_address(request.META)
    sessions.end(user=me, sign_in_id=wanted, address=address)
    return go_back(request, reverse("settings_sessions"), say=gettext("Logged out there."))


@require_POST
@signed_in
def end_other_sessions(request: HttpRequest, me: User) -> HttpResponse:
    """Sign all the other places out."""
    limit_account(request)
    sessions.end_others(user=me, here=_here(request), address=client_address(request.META))
    return go_back(
        request, reverse("settings_sessions"), say=gettext("Logged out everywhere else.")
    )


def _here(request: HttpRequest) -> Here:
    return Here(session_key=request.session.session_key or "")
