"""The front page: the home timeline, or the landing page for anonymous visitors."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from chirp.pagination import PageRequest
from timelines import selectors
from tweets.read.lists import public
from web.auth import viewer_of
from web.presenters.tweets import cards
from web.responses import respond
from web.viewer import viewer_context

LATELY = 5  # tweets on the landing page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page at `/`."""
    viewer = viewer_of(request)
    return _landing(request) if viewer is None else _home(request, viewer)


def _home(request: HttpRequest, viewer: User) -> HttpResponse:
    page = selectors.home(viewer=viewer, page=PageRequest.of(request.GET))
    context = {"page": page, "cards": cards(page.results, viewer=viewer_context(request))}
    return respond(request, "pages/tweets/home.html", context, fragment="fragments/feed.html")


def _landing(request: HttpRequest) -> HttpResponse:
    page = public(viewer=None, page=PageRequest(limit=LATELY))
    return respond(
        request,
        "pages/tweets/landing.html",
        {"cards": cards(page.results, viewer=viewer_context(request))},
    )
