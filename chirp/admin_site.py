"""The admin site, without its own pages to sign in and to change the password."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.module_loading import import_string

from chirp import hooks


class ChirpAdminSite(admin.AdminSite):
    """An admin site whose users sign in on the main site, where sign-in attempts are limited."""

    index_title = "Overview"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What all pages know, with the name of the site."""
        name = hooks.ask("site.name")
        return {**super().each_context(request), "site_header": name, "site_title": name}

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The apps by their names, but moderation first: that is what most staff comes for."""
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda app: app["app_label"] != "moderation")

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this is staff, with a second factor where that is required."""
        return super().has_permission(request) and _has_all_proofs(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """Redirect to the sign-in page, and staff without a second factor to set one up.

        Raises Http404 for other signed-in users without access.
        """
        target = _next_url(request)
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if getattr(request.user, "is_staff", False):
            return HttpResponseRedirect(reverse("two_step"))
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(target)

    def password_change(  # type: ignore[override]  # a redirect, not a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the main site's page, on which every user changes the password."""
        return redirect("settings_password")


def _has_all_proofs(request: HttpRequest) -> bool:
    # By its name: this module is below the accounts.
    may_use_admin = import_string("accounts.factors.may_use_admin")
    return bool(may_use_admin(request.user))


def _next_url(request: HttpRequest) -> str:
    """The requested page of the admin, or the admin's index for any other address."""
    requested = request.GET.get("next", "")
    index = reverse("admin:index")
    return requested if requested.startswith(index) else index
