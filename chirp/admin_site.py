"""The admin site, without its own pages to sign in and to change the password."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse


class ChirpAdminSite(admin.AdminSite):
    """An admin site whose users sign in on the main site, where sign-in attempts are limited."""

    site_header = site_title = "Chirp"
    index_title = "Operations"

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """Redirect to the sign-in page. Raises Http404 for signed-in users without access."""
        target = _next_url(request)
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(target)

    def password_change(  # type: ignore[override]  # a redirect, not a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the main site's page, on which every user changes the password."""
        return redirect("settings_password")


def _next_url(request: HttpRequest) -> str:
    """The requested page of the admin, or the admin's index for any other address."""
    requested = request.GET.get("next", "")
    index = reverse("admin:index")
    return requested if requested.startswith(index) else index
