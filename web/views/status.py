"""`/status`: the state of the site for all visitors, also while parts of it are away."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from operations import admin_views
from operations.parallel_checks import ParallelChecks
from operations.status import Status, status_cache
from web.auth import viewer_of
from web.presenters import status_wording
from web.responses import is_htmx, respond

PATIENCE = 0.5  # seconds to look up the viewer, which the page can do without


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the admin that the viewer has access to."""

    address: str
    text: str


@cache_control(no_store=True)
@require_safe
def status_page(request: HttpRequest) -> HttpResponse:
    """The state of every part. htmx gets a fragment."""
    status = status_cache.status()
    context = {
        "status": status,
        "headline": status_wording.HEADLINES[status.verdict],
        "groups": status_wording.groups(status),
    }
    if not is_htmx(request):
        context |= _surroundings(request, status)
    page, parts = "pages/status/status.html", "fragments/status.html"
    return respond(request, page, context, fragment=parts)


def _surroundings(request: HttpRequest, status: Status) -> dict[str, object]:
    """The rest of the page. Users are in Postgres: without it, the page has no viewer."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return {"base": "base.html", "links": []}
    if status.has_database:
        found = ParallelChecks().answers({"links": lambda: _links(request)}, seconds=PATIENCE)
        if "links" in found:
            return {"base": "base.html", "links": found["links"]}
    return {"base": "bare.html", "links": []}


def _links(request: HttpRequest) -> list[Link]:
    """Links to more details, for staff."""
    viewer = viewer_of(request)
    if viewer is None or not admin.site.has_permission(request):
        return []
    links = [Link(reverse("admin:index"), gettext("The admin"))]
    if viewer.has_perm(admin_views.PERMISSION):
        links.append(
            Link(reverse("live"), gettext("Every process, and the figures of the last hour"))
        )
    if viewer.has_perm("outbox.view_event"):
        links.append(
            Link(
                reverse("admin:outbox_event_changelist"), gettext("Posts and other work that waits")
            )
        )
    if settings.HERD:
        links.append(Link(reverse("herd"), gettext("The herd: neighbours, clients, reports")))
    return links
