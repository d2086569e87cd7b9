"""What templates know of a request: the variable `visit`, and its stand-in in cached HTML."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from jinja2 import pass_context
from jinja2.runtime import Context

from accounts.joining import invitations
from accounts.models import User
from chirp.pagination import Cursor
from people.suggestions import Person
from web.auth import viewer_of
from web.look import Look, look_of
from web.surroundings import suggestions_of
from web.templating import addresses
from web.templating.ambient import Ambient, ambient
from web.templating.holes import CSRF_HOLE, HERE_HOLE, POSITION_HOLE, QUOTED_HERE_HOLE
from web.viewer import reading_of


class Visit:
    """A request, as far as pages show it. Nothing is looked up before a template asks for it.

    So a page that asks for nothing needs neither database nor session.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def viewer(self) -> User | None:
        """The signed-in user; None for an anonymous visitor."""
        return viewer_of(self._request)

    @property
    def signed_in(self) -> bool:
        """Whether there is a signed-in user."""
        return self.viewer is not None

    @property
    def viewer_id(self) -> int | None:
        """The id of the signed-in user."""
        return self.viewer.pk if self.viewer else None

    @property
    def may_invite(self) -> bool:
        """Whether the viewer may invite others. Makes a query."""
        return self.viewer is not None and invitations.may_invite(self.viewer)

    @property
    def unread(self) -> int:
        """The number of unread notifications, counted up to a limit."""
        return reading_of(self._request).unread

    @property
    def unread_conversations(self) -> int:
        """The number of unread conversations of direct tweets, counted up to a limit."""
        return reading_of(self._request).conversations

    @property
    def suggestions(self) -> list[Person]:
        """People whom the signed-in user could follow."""
        return suggestions_of(self._request)

    @cached_property
    def csrf_input(self) -> Any:
        """The hidden field that every form needs, the same in all forms of a page.

        It is lazy, since making it sets a cookie.
        """
        return SimpleLazyObject(lambda: csrf_input(self._request))

    @property
    def page_name(self) -> str:
        """The name of the page's URL pattern; empty for one without a name."""
        match = self._request.resolver_match
        return (match and match.url_name) or ""

    @property
    def path(self) -> str:
        """The path of the request."""
        return self._request.path

    def absolute(self, path: str) -> str:
        """The URL of a path of the site, for what is read elsewhere."""
        return self._request.build_absolute_uri(path)

    @cached_property
    def here(self) -> str:
        """The address of the page that the viewer sees, for forms that lead back to it."""
        return addresses.here(self._request)

    @cached_property
    def quoted_here(self) -> str:
        """The same, for use within another address."""
        return quote(self.here, safe="")

    def page_link(self, cursor: Cursor) -> str:
        """The address of another page of the list that this page shows."""
        return addresses.page_link(self._request, cursor)

    @cached_property
    def ambient(self) -> Ambient:
        """What the rendering of this page depends on besides: part of the key of cached HTML."""
        return ambient()

    @property
    def look(self) -> Look:
        """How the page looks to the viewer."""
        return look_of(self._request)

    @cached_property
    def holes(self) -> "Holes":
        """What fills the holes of cached HTML."""
        return Holes(self)


class Holes(dict[str, str]):
    """What stands in each hole, escaped. It is looked up where there is such a hole."""

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit

    def __missing__(self, hole: str) -> str:
        names = {CSRF_HOLE: "csrf_input", HERE_HOLE: "here", QUOTED_HERE_HOLE: "quoted_here"}
        self[hole] = value = conditional_escape(getattr(self._visit, names[hole]))
        return value


_CSRF_INPUT = SafeString(CSRF_HOLE)


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """The visit that cached HTML is rendered with: holes for what differs at every request.

    It has no more attributes than that. A template that asks for another one fails, instead of
    showing one viewer what belongs to another.
    """

    signed_in: bool
    viewer_id: None = None
    csrf_input: SafeString = _CSRF_INPUT
    here: str = HERE_HOLE
    quoted_here: str = QUOTED_HERE_HOLE
    position: str = POSITION_HOLE


@pass_context
def look(context: Context) -> Look:
    """How the page looks: by its visit; that of an error has no visit, but the look itself."""
    visit: Visit | None = context.get("visit")
    given: Look | None = context.get("error_look")
    return given or (visit.look if visit else Look())


def context_processor(request: HttpRequest) -> dict[str, Visit]:
    """Gives `visit` to every template that is rendered for a request."""
    return {"visit": Visit(request)}
