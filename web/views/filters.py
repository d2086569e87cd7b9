"""The filters of the signed-in user, in the settings."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from filters import services
from filters.selectors import filters_of
from web.auth import signed_in
from web.forms.base import respond_form
from web.forms.filters import FilterForm
from web.limits import limit_account
from web.responses import go_back, respond

shows_form = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@signed_in
def filters(request: HttpRequest, me: User) -> HttpResponse:
    """All filters."""
    context = {"filters": filters_of(me), "now": timezone.now()}
    return respond(request, "pages/filters/list.html", context)


@shows_form
@signed_in
def new_filter(request: HttpRequest, me: User) -> HttpResponse:
    """Create a filter."""
    form = FilterForm(request.POST if request.method == "POST" else None)

    def act(**values: object) -> None:
        limit_account(request)
        services.create_filter(owner=me, **values)  # type: ignore[arg-type]

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("filters"), say=gettext("The filter applies from now on."))
    return respond_form(request, "pages/filters/edit.html", form, {"found": None})


@shows_form
@signed_in
def edit_filter(request: HttpRequest, me: User, filter_id: int) -> HttpResponse:
    """Change a filter."""
    found = services.own_filter(owner=me, filter_id=filter_id)
    form = FilterForm.of(found, request.POST if request.method == "POST" else None)

    def act(**changes: object) -> None:
        limit_account(request)
        services.change_filter(owner=me, filter_id=filter_id, **changes)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("filters"), say=gettext("The filter is changed."))
    return respond_form(request, "pages/filters/edit.html", form, {"found": found})


@require_POST
@signed_in
def delete_filter(request: HttpRequest, me: User, filter_id: int) -> HttpResponse:
    """Delete a filter. Idempotent."""
    limit_account(request)
    services.delete_filter(owner=me, filter_id=filter_id)
    return go_back(request, reverse("filters"), say=gettext("The filter is deleted."))
