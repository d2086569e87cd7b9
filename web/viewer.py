"""The viewer of a page, for rules and presenters, and what they have read."""

from django.http import HttpRequest
from django.utils import timezone, translation

from notifications.selectors import Reading, reading
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


def reading_of(request: HttpRequest) -> Reading:
    """What the viewer has read. Makes one query for each request, none for anonymous visitors."""
    viewer = viewer_of(request)
    if viewer is None:
        return Reading(unread=0, home=0, conversations=0)
    known: Reading | None = getattr(request, "reading", None)
    if known is None:
        known = reading(user_id=viewer.pk)
        request.reading = known  # type: ignore[attr-defined]
    return known
