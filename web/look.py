"""How pages look: by the choices of the viewer's account, or of this browser.

The server writes them into the `<html>` of each page, so no page is shown in the wrong colours
first. Nothing else of a page depends on them: cached HTML is the same for everyone.
"""

from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.appearance import CHOICES
from accounts.models import User

COOKIE = "look"  # the choices of a browser, for anonymous visitors and for error pages
COOKIE_SECONDS = 365 * 86_400


class Choices(NamedTuple):
    """One value for each of accounts.appearance.CHOICES; "" leaves it to the browser."""

    theme: str = ""
    contrast: str = ""
    text_size: str = ""
    motion: str = ""


class Look(Choices):
    """How a page looks."""

    @cached_property
    def attributes(self) -> SafeString:
        """The attributes of `<html>` that static/css/tokens.css looks at."""
        given = [(name.replace("_", "-"), value) for name, value in self._asdict().items() if value]
        return format_html_join("", ' data-{}="{}"', given)

    @property
    def cookie(self) -> str:
        """The value of the cookie."""
        return ".".join(self)


def of_account(user: User) -> Look:
    """The choices of an account."""
    return Look(*(getattr(user, name) for name in CHOICES))


def of_cookie(request: HttpRequest) -> Look:
    """The choices of a browser. What is not one of CHOICES counts for nothing."""
    values = request.COOKIES.get(COOKIE, "").split(".")
    if len(values) != len(CHOICES):
        return Look()
    pairs = zip(values, CHOICES.values(), strict=True)
    return Look(*(value if value in known else "" for value, known in pairs))


def look_of(request: HttpRequest) -> Look:
    """How the page of a request looks. Makes no query."""
    look: Look | None = getattr(request, "look", None)
    return of_cookie(request) if look is None else look


def remember(response: HttpResponse, look: Look) -> None:
    """Let the browser keep the choices."""
    response.set_cookie(
        COOKIE,
        look.cookie,
        max_age=COOKIE_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
