"""The site as an app on a phone or a desktop: its manifest, and its service worker."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chirp.stylesheets import addresses
from web.templating.addresses import url
from web.templating.languages import direction, language
from web.templating.site import site_description, site_name

SIZES = (192, 512)
GROUND = "#0b726d"  # --accent in static/css/tokens.css, the colour of the icons


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a device shows of the site once it is installed there."""
    content = {
        "id": url("home"),
        "name": site_name(),
        "short_name": site_name(),
        "description": site_description(),
        "lang": language(),
        "dir": direction(),
        "start_url": url("home"),
        "scope": url("home"),
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": _icons(),
        "shortcuts": _shortcuts(),
        "share_target": {
            "action": url("compose"),
            "method": "GET",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    return JsonResponse(content, content_type="application/manifest+json")


def _icons() -> list[dict[str, str]]:
    """Icons with the shape of ours, and one that the device may cut to its own shape."""
    icons = [(f"icon-{size}", size, "any") for size in SIZES] + [("icon-maskable", 512, "maskable")]
    return [
        {
            "src": static(f"img/{name}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, size, purpose in icons
    ]


def _shortcuts() -> list[dict[str, str]]:
    named = {
        "compose": _("New tweet"),
        "notifications": _("Notifications"),
        "search": _("Search"),
    }
    return [{"name": text, "url": url(name)} for name, text in named.items()]


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It is at the root, since it works for the addresses below its own."""
    context = {
        "offline": url("offline"),
        "files": [*addresses(), static("img/favicon.svg")],
        "device": url("push_device"),
        "icon": static("img/icon-192.png"),
    }
    script = render_to_string("worker.js", context)
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
