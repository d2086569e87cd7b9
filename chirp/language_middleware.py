"""The language of the browser, for every response that has one."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from chirp import languages
from chirp.vary import vary_on

COOKIE = "language"  # what somebody chose on this browser
# Files and figures, which have no language.
WITHOUT = (settings.STATIC_URL, "/media/", "/metrics", "/healthz", "/readyz")
ADMIN, LANGUAGE_OF_ADMIN = "/admin/", "en"
View = Callable[[HttpRequest], HttpResponse]


def accepted(request: HttpRequest) -> str:
    """The language that the browser accepts, whatever was chosen."""
    return languages.accepted(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def of_browser(request: HttpRequest) -> str:
    """The language that was chosen on this browser, else the one that it accepts."""
    return languages.known(request.COOKIES.get(COOKIE, "")) or accepted(request)


def mark(response: HttpResponse, language: str) -> None:
    """Tell caches and browsers what the language of a response is, and what it depends on."""
    vary_on(response, "Accept-Language")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Content-Language", language)


class BrowserLanguage:
    """Middleware that makes the language of the browser the current one.

    It needs neither session nor database, so even the first errors are in it. For pages of a
    signed-in user, web.language.ReaderLanguage goes on. The admin speaks English.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if request.path.startswith(WITHOUT):
            return self.get_response(request)
        is_admin = request.path.startswith(ADMIN)
        language = LANGUAGE_OF_ADMIN if is_admin else of_browser(request)
        if language == translation.get_language():  # to set it again takes longer than to ask
            response = self.get_response(request)
        else:
            with translation.override(language):
                response = self.get_response(request)
        mark(response, language)
        return response
