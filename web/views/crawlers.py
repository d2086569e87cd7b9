"""What search engines are told: which pages there are, and which are not for them."""

from typing import Any

from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from web.templating.addresses import url

# Pages that say nothing by themselves, or are somebody's own.
CLOSED = (
    *("admin/", "api/", "compose", "conversations", "login", "nearby", "oauth/", "register"),
    *("search", "settings"),
)
PAGES = ("home", "explore", "about")
PER_FILE = 5000


class Pages(Sitemap):  # type: ignore[type-arg]
    """The few pages that are there without anybody's tweets."""

    def items(self) -> list[str]:
        """The names of their URL patterns."""
        return list(PAGES)

    def location(self, item: str) -> str:
        """The path of a page."""
        return url(item)


class Profiles(Sitemap):  # type: ignore[type-arg]
    """The profiles that strangers can find: people who wrote something, and are not private."""

    limit = PER_FILE

    def items(self) -> QuerySet[User]:
        """Oldest accounts first, so that only the last page changes."""
        found: QuerySet[User] = User.objects.listed().filter(tweets_count__gt=0)
        return found.order_by("pk")

    def location(self, item: User) -> str:
        """The path of a profile."""
        return url("profile", item.handle)


SITEMAPS: dict[str, Any] = {"pages": Pages, "people": Profiles}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The rules for robots (RFC 9309)."""
    lines = [
        "User-agent: *",
        *(f"Disallow: /{path}" for path in CLOSED),
        f"Sitemap: {request.build_absolute_uri(url('sitemap'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list of the parts of the site's map (sitemaps.org)."""
    return views.index(request, SITEMAPS, sitemap_url_name="sitemap_part")


@require_safe
def sitemap_part(request: HttpRequest, section: str) -> HttpResponse:
    """A part of the map, or a page of it (`?p=2`). Raises Http404 for another one."""
    return views.sitemap(request, SITEMAPS, section=section)
