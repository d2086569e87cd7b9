"""Django's admin on Chirp's terms: no sign-in and no change of password of its own."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse

from chirp import herd
from chirp.site import safe_next
from herd.settings import BadSettings


class ChirpAdminSite(admin.AdminSite):
    """The admin has no sign-in of its own: the site's, with its limits, is the only one."""

    site_header = site_title = "Chirp"
    index_title = "Operations"

    def get_urls(self) -> list[Any]:
        """The admin's own, and the state of the herd."""
        return [path("herd/", self.admin_view(self.herd), name="herd"), *super().get_urls()]

    def herd(self, request: HttpRequest) -> HttpResponse:
        """How every location server is."""
        context = {**self.each_context(request), "title": "The herd"}
        try:
            context["states"] = herd.states()
        except BadSettings as problem:
            context["problem"] = str(problem)
        return render(request, "admin/herd.html", context)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """Send people to sign in. For those who are signed in as somebody else, nothing is here."""
        wanted = safe_next(request, reverse("admin:index"))
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
