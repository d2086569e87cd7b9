"""The index of all settings, and those pages that are no part of something else."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chirp.language_middleware import accepted
from chirp.pagination import PageRequest
from people import selectors
from people.profile import update_profile
from web.auth import signed_in
from web.forms.accounts import LanguageForm, PrivacyForm
from web.language import remember
from web.responses import respond
from web.views.accounts import sent, settings_form

shows_form = require_http_methods(["GET", "HEAD", "POST"])
QUERY_LENGTH = 100


@require_safe
@signed_in
def settings_index(request: HttpRequest, me: User) -> HttpResponse:
    """All settings, or those that a query finds."""
    query = request.GET.get("q", "")[:QUERY_LENGTH].strip()
    template, fragment = "pages/accounts/settings_index.html", "fragments/settings_index.html"
    return respond(request, template, {"query": query}, fragment=fragment)


@shows_form
@signed_in
def language(request: HttpRequest, me: User) -> HttpResponse:
    """In which language and time zone the signed-in user reads."""
    form = LanguageForm.of(me, sent(request))
    response = settings_form(request, form, partial(_change, request, me))
    if response.status_code == 302:  # also for errors, when the account cannot be looked up
        remember(response, form.cleaned_data["language"])
    return response


@shows_form
@signed_in
def privacy(request: HttpRequest, me: User) -> HttpResponse:
    """Whether the signed-in user decides who may follow and read, and who may quote."""
    form = PrivacyForm.of(me, sent(request))
    return settings_form(request, form, partial(_change, request, me))


def _change(request: HttpRequest, me: User, **changes: Any) -> None:
    update_profile(user=me, changes=changes)
    chosen = changes.get("language", translation.get_language()) or accepted(request)
    with translation.override(chosen):  # the next page is in it
        messages.success(request, _("Saved."))


@require_safe
@signed_in
def blocked(request: HttpRequest, me: User) -> HttpResponse:
    """The people whom the signed-in user blocks."""
    page = selectors.blocked_accounts(user=me, page=PageRequest.of(request.GET))
    return _kept_away(request, {"page": page, "undo": "unblock", "ends": {}})


@require_safe
@signed_in
def muted(request: HttpRequest, me: User) -> HttpResponse:
    """The people whom the signed-in user mutes."""
    page = selectors.muted_accounts(user=me, page=PageRequest.of(request.GET))
    ends = selectors.mutes_until(user=me, muted=page.results)
    return _kept_away(request, {"page": page, "undo": "unmute", "ends": ends})


def _kept_away(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    template, fragment = "pages/accounts/settings_people.html", "fragments/kept_away.html"
    return respond(request, template, context, fragment=fragment)
