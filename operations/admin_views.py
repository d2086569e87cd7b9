"""Admin pages for operations: the live page, slow statements, and the location servers."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from herd.settings import BadSettings
from operations import dashboard, herd, slow_statements

PERMISSION = "operations.view_sample"


@admin.site.admin_view
@require_safe
def live_page(request: HttpRequest) -> HttpResponse:
    """Show components and charts, to staff with permission to view samples.

    htmx gets only the fragment that changes.
    """
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": "Live",
        "now": now,
        "components": dashboard.components(),
        "panels": dashboard.panels(now=now),
    }
    is_htmx = "HX-Request" in request.headers
    template = "admin/operations/_live.html" if is_htmx else "admin/operations/live.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@admin.site.admin_view
@require_safe
def statements_page(request: HttpRequest) -> HttpResponse:
    """Show the slowest statements, to staff with permission to view samples."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    asked = request.GET.get("by", "")
    order = asked if asked in slow_statements.ORDERS else "mean"
    collected = slow_statements.are_collected()
    context = {
        **admin.site.each_context(request),
        "title": "Slow statements",
        "collected": collected,
        "since": slow_statements.since() if collected else None,
        "statements": slow_statements.slowest(order=order) if collected else [],
        "order": order,
        "orders": slow_statements.ORDERS,
    }
    return render(request, "admin/operations/statements.html", context)


@admin.site.admin_view
@require_safe
def herd_page(request: HttpRequest) -> HttpResponse:
    """Show the status of each location server."""
    context = {**admin.site.each_context(request), "title": "The herd"}
    try:
        context["states"] = herd.states()
    except BadSettings as error:
        context["error"] = str(error)
    return render(request, "admin/operations/herd.html", context)
