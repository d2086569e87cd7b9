"""Django's admin on Chirp's terms: no sign-in and no change of password of its own."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse


class ChirpAdminSite(admin.AdminSite):
    """The admin has no sign-in of its own: the site's, with its limits, is the only one."""

    site_header = site_title = "Chirp"
    index_title = "Operations"

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """Send people to sign in. For those who are signed in as somebody else, nothing is here."""
        wanted = _wanted(request)
        if self.has_permission(request):
            return HttpResponseRedirect(wanted)
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(wanted)

    def password_change(  # type: ignore[override]  # nobody needs a page here
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One's own password is changed where everybody changes theirs."""
        return redirect("settings_password")


def _wanted(request: HttpRequest) -> str:
    """The page of the admin that the user asked for, or its index."""
    wanted = request.GET.get("next", "")
    index = reverse("admin:index")
    return wanted if wanted.startswith(index) else index
