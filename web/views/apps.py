"""The settings page of apps that may use the account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.oauth.services import authorized_apps, revoke_app
from chirp import ids
from web.auth import signed_in
from web.limits import limit_account
from web.responses import respond


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def authorized(request: HttpRequest, me: User) -> HttpResponse:
    """The apps that may use the account. A POST takes the right of one back."""
    if request.method != "POST":
        context = {"apps": authorized_apps(user=me)}
        return respond(request, "pages/accounts/settings_apps.html", context)
    limit_account(request)
    app_id = ids.parse(request.POST.get("app"))
    if app_id:
        revoke_app(user=me, app_id=app_id)
        messages.success(request, gettext("The app can no longer use your account."))
    return redirect("settings_apps")
