"""The live page of the admin."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chirp.site import respond
from timelines import live

PERMISSION = "chirp.view_sample"


@admin.site.admin_view
@require_safe
def live_page(request: HttpRequest) -> HttpResponse:
    """How timelines do. For staff who may see samples; htmx gets what changes, and no page."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": "Live",
        "now": now,
        "parts": live.parts(),
        "panels": live.panels(now=now),
    }
    page, figures = "admin/timelines/live.html", "admin/timelines/_live.html"
    return respond(request, page, context, fragment=figures)
