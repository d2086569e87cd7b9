"""How pages look: chosen by the signed-in user, or by an anonymous visitor for this browser."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people.profile import update_profile
from web.auth import viewer_of
from web.forms.appearance import AppearanceForm
from web.forms.base import respond_form
from web.limits import limit_account
from web.look import Look, look_of, remember


@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    """Choose theme, contrast, size of texts, and how much moves."""
    me = viewer_of(request)
    sent = request.POST if request.method == "POST" else None
    form = AppearanceForm(sent, initial=look_of(request)._asdict())

    def act(**chosen: str) -> None:
        if me is not None:
            limit_account(request)
            update_profile(user=me, changes=chosen)

    if form.is_bound and form.passes(act):
        messages.success(request, _("Saved."))
        response = redirect("appearance")
        remember(response, Look(**form.cleaned_data))
        return response
    name = "settings_appearance" if me else "appearance"
    return respond_form(request, f"pages/accounts/{name}.html", form, {"preview": True})
