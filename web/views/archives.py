"""The settings pages of imports and of the export."""

from typing import cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from archives import selectors, services
from archives.exporting import services as exporting
from web.auth import signed_in
from web.forms.archives import ImportForm
from web.forms.base import ServiceForm, respond_form
from web.limits import limit_account
from web.presenters.archives import shown
from web.responses import go_back
from web.sessions import confirmed


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings_import(request: HttpRequest, me: User) -> HttpResponse:
    """Import an archive, and see how far the latest ones are."""
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()

    def act(file: "UploadedFile[bytes]", kind: str) -> None:
        limit_account(request)
        services.begin(owner=me, file=file, kind=kind)
        messages.success(request, gettext("The import has begun. You can leave this page."))

    if form.is_bound and form.passes(act):
        return redirect("settings_import")
    imports = [shown(row) for row in selectors.imports_of(owner=me)]
    context = {"imports": imports, "is_running": any(each.is_running for each in imports)}
    return respond_form(request, "pages/accounts/settings_import.html", form, context)


@require_POST
@signed_in
def cancel_import(request: HttpRequest, me: User, import_id: int) -> HttpResponse:
    """Cancel an import."""
    limit_account(request)
    services.cancel(owner=me, import_id=import_id)
    return go_back(request, reverse("settings_import"), say=gettext("Cancelled."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@confirmed
def settings_export(request: HttpRequest, me: User) -> HttpResponse:
    """Export everything of the account, and see how far it is."""
    form = ServiceForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        limit_account(request)
        exporting.begin(owner=me)
        messages.success(request, gettext("The export has begun. You can leave this page."))

    if form.is_bound and form.passes(act):
        return redirect("settings_export")
    context = {"export": exporting.latest(owner=me), "kept": exporting.KEPT}
    return respond_form(request, "pages/accounts/settings_export.html", form, context)


@never_cache
@require_safe
@signed_in
@confirmed
def download_export(request: HttpRequest, me: User) -> HttpResponse:
    """The archive of the latest export that is done."""
    row, file = exporting.download(owner=me)
    name = f"chirp-{me.handle}-{row.created_at:%Y-%m-%d}.zip"
    # A FileResponse is a response as well, but no HttpResponse for Django.
    return cast(HttpResponse, FileResponse(file, as_attachment=True, filename=name))
