"""The visit that components on the page of all components get: of a member, or of a visitor."""

from itertools import count
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import User
from chirp.pagination import Cursor


class SampleVisit:
    """Has what components ask of web.templating.visit.Visit. Its forms have no token."""

    csrf_input = SafeString()
    may_invite = True
    page_name = "design"
    unread = 3
    unread_conversations = 100

    def __init__(self, viewer: User | None) -> None:
        self.viewer = viewer
        self.signed_in = viewer is not None
        self.viewer_id = viewer and viewer.pk
        self.path = self.here = reverse("design")
        self.quoted_here = quote(self.here, safe="")
        self._positions = count(1)

    @property
    def position(self) -> int:
        """The position of the next tweet."""
        return next(self._positions)

    def page_link(self, cursor: Cursor) -> str:
        """The address of another page: there is none."""
        return f"{self.path}?cursor={cursor}"
