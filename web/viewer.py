"""The viewer of a page, for rules and presenters."""

from django.http import HttpRequest
from django.utils import timezone, translation

from tweets.read.viewer import ViewerContext
from web.auth import viewer_of


def viewer_context(request: HttpRequest) -> ViewerContext:
    """The viewer of a request, with the active language and time zone."""
    viewer = viewer_of(request)
    return ViewerContext(
        viewer_id=viewer.pk if viewer else None,
        language=translation.get_language() or "",
        time_zone=timezone.get_current_timezone_name(),
    )
