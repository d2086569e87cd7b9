"""About the site, and its announcements."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chirp.errors import NotFound
from moderation.site import services
from web.auth import signed_in
from web.limits import limit_account
from web.responses import go_back, respond

TITLES = {"terms": _("Terms"), "privacy": _("Privacy")}


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this site is, and its rules."""
    context = {"site": services.texts(), "rules": services.rules()}
    return respond(request, "pages/site/about.html", context)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What browsers show without a network: they have to keep it before."""
    return HttpResponse(render_to_string("pages/site/offline.html"))


@require_safe
def text(request: HttpRequest, name: str) -> HttpResponse:
    """The terms, or what happens to data. Raises NotFound for a text that nobody wrote."""
    found = getattr(services.texts(), name)
    if not found:
        raise NotFound
    return respond(request, "pages/site/text.html", {"heading": TITLES[name], "text": found})


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """What each key does. Scripts show it in a dialog."""
    return respond(request, "pages/site/keys.html", fragment="fragments/keys.html")


@require_POST
@signed_in
def dismiss(request: HttpRequest, me: User, announcement_id: int) -> HttpResponse:
    """Show an announcement to the signed-in user no more. Idempotent."""
    limit_account(request)
    services.dismiss(user=me, announcement_id=announcement_id)
    return go_back(request)
