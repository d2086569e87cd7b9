"""The language of the reader of a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from chirp import language_middleware, languages
from web.auth import viewer_of
from web.time_zone import DEFAULT, WITHOUT

P = ParamSpec("P")
View = Callable[[HttpRequest], HttpResponse]
COOKIE_SECONDS = 365 * 24 * 3600


class ReaderLanguage:
    """Middleware that makes the language of the account the current one, for pages.

    That of the browser is the current one before: chirp.language_middleware.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        chosen = "" if request.path.startswith(WITHOUT) else language_of_account(request)
        if not chosen:
            return self.get_response(request)
        with translation.override(chosen):
            response = self.get_response(request)
        language_middleware.mark(response, chosen)
        return response


def language_of_account(request: HttpRequest) -> str:
    """The language that the signed-in user chose; empty without one."""
    viewer = viewer_of(request)
    return languages.known(viewer.language) if viewer else ""


def for_anybody(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """For what shared caches may keep: in the language that the browser accepts, and in UTC.

    What the reader chose is in a cookie or in the account, which such caches do not look at.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        language = language_middleware.accepted(request)
        with translation.override(language), timezone.override(DEFAULT):
            response = view(request, *args, **kwargs)
        language_middleware.mark(response, language)
        return response

    return wrapper


def remember(response: HttpResponse, language: str) -> None:
    """Let the browser keep the choice of a language; "" forgets it."""
    if not language:
        response.delete_cookie(language_middleware.COOKIE, samesite="Lax")
        return
    response.set_cookie(
        language_middleware.COOKIE,
        language,
        max_age=COOKIE_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
