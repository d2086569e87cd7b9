"""The announcements above the content of a page."""

from django.utils import timezone
from django.utils.safestring import SafeString

from moderation.site import services
from web.templating.components import component
from web.templating.visit import Visit


def announcements(visit: Visit) -> SafeString:
    """What administrators announce, as far as the viewer has not dismissed it."""
    found = services.unread(user=visit.viewer, now=timezone.now())
    return component("announcements", visit, found) if found else SafeString("")
