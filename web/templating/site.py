"""The texts of the site that every page has, even one without a database."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from moderation.site import services

# Pages that are there while Postgres hangs.
MONITORING = ("/healthz", "/readyz", "/metrics", "/status", "/api/status")
View = Callable[[HttpRequest], HttpResponse]


class SiteTexts:
    """Middleware that keeps the texts of this process fresh: a query every few seconds."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if request.path not in MONITORING:
            services.refresh()
        return self.get_response(request)


def site_name() -> str:
    """Return the name of the site, out of memory."""
    return services.known().name


def site_description() -> str:
    """Return what the site is, out of memory."""
    return services.known().description


def site_contact() -> SafeString:
    """Return how to reach those who run the site: as a link, if it is an address."""
    text = services.known().contact
    if text.startswith(("https://", "http://")):
        return format_html('<a href="{0}" dir="ltr">{0}</a>', text)
    if "@" in text and " " not in text:
        return format_html('<a href="mailto:{0}" dir="ltr">{0}</a>', text)
    return format_html('<bdi class="prose-text">{}</bdi>', text)
