"""The front page: the home timeline, or the landing page for anonymous visitors."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from chirp import ids
from chirp.pagination import PageRequest
from timelines import selectors
from tweets.read.lists import public
from web.auth import viewer_of
from web.presenters.read_position import line_before
from web.presenters.tweets import cards
from web.responses import respond
from web.viewer import reading_of, viewer_context

MARKED_READ = "read"  # the parameter with the read position
LATELY = 5  # tweets on the landing page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page at `/`."""
    viewer = viewer_of(request)
    return _landing(request) if viewer is None else _home(request, viewer)


def _home(request: HttpRequest, viewer: User) -> HttpResponse:
    wanted = PageRequest.of(request.GET)
    page = selectors.home(viewer=viewer, page=wanted)
    found = [tweet.id for tweet in page.results]
    read = _read_position(request)
    context = {
        "page": page,
        "cards": cards(page.results, viewer=viewer_context(request)),
        "line": line_before(found, read=read, above=wanted.cursor.before),
        # Only from the top: whoever reads further down has seen the top before.
        "read_up_to": found[0] if found and page.previous is None and found[0] > read else 0,
    }
    return respond(request, "pages/tweets/home.html", context, fragment="fragments/home_feed.html")


def _read_position(request: HttpRequest) -> int:
    """Return how far the viewer had read when they opened the first page.

    The position moves as soon as that page is seen, so the links to further pages name it.
    """
    named = ids.parse(request.GET.get(MARKED_READ))
    if named is not None:
        return named
    read = reading_of(request).home
    if read:
        query = request.GET.copy()
        query[MARKED_READ] = str(read)
        request.GET = query  # type: ignore[assignment]  # which the links are made of
    return read


def _landing(request: HttpRequest) -> HttpResponse:
    page = public(viewer=None, page=PageRequest(limit=LATELY))
    return respond(
        request,
        "pages/tweets/landing.html",
        {"cards": cards(page.results, viewer=viewer_context(request))},
    )
