"""The front page: the home timeline, or the landing page for anonymous visitors."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chirp import ids
from chirp.pagination import PageRequest
from moderation.site import services as site
from people.profile import update_profile
from timelines import explain, selectors
from timelines.ranked import home_ranked
from tweets.read.access import access_tweet
from tweets.read.lists import public
from web.auth import signed_in, viewer_of
from web.limits import limit_account
from web.presenters.read_position import line_before
from web.presenters.tweets import card, cards, home_cards, ranked_cards
from web.presenters.why import told
from web.responses import go_back, respond
from web.viewer import reading_of, viewer_context

MARKED_READ = "read"  # the parameter with the read position
A_DAY = timedelta(days=1)
LATELY = 5  # tweets on the landing page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page at `/`."""
    viewer = viewer_of(request)
    if viewer is None:
        return _landing(request)
    return (
        _ranked(request, viewer) if request.GET.get("view") == "ranked" else _home(request, viewer)
    )


def _home(request: HttpRequest, viewer: User) -> HttpResponse:
    wanted = PageRequest.of(request.GET)
    page = selectors.home(viewer=viewer, page=wanted)
    found = [tweet.id for tweet in page.results]
    read = _read_position(request)
    context = {
        "view": "latest",
        "page": page,
        "cards": home_cards(page.results, viewer=viewer_context(request)),
        "line": line_before(found, read=read, above=wanted.cursor.before),
        "reposts_hidden_until": _still(viewer.reposts_hidden_until),
        # Only from the top: whoever reads further down has seen the top before.
        "read_up_to": found[0] if found and page.previous is None and found[0] > read else 0,
    }
    return respond(request, "pages/tweets/home.html", context, fragment="fragments/home_feed.html")


def _ranked(request: HttpRequest, viewer: User) -> HttpResponse:
    page = home_ranked(viewer=viewer, page=PageRequest.of(request.GET))
    context = {
        "view": "ranked",
        "page": page,
        "cards": ranked_cards(page.results, viewer=viewer_context(request)),
        "line": None,
        "reposts_hidden_until": _still(viewer.reposts_hidden_until),
        "read_up_to": 0,
    }
    return respond(request, "pages/tweets/home.html", context, fragment="fragments/home_feed.html")


def _still(end: datetime | None) -> datetime | None:
    """Return a time if it is in the future."""
    return end if end is not None and end > timezone.now() else None


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


@require_POST
@signed_in
def hide_reposts(request: HttpRequest, me: User) -> HttpResponse:
    """Leave out of home what others repost, for a day; or show it again."""
    limit_account(request)
    shows = "show" in request.POST
    until = None if shows else timezone.now() + A_DAY
    update_profile(user=me, changes={"reposts_hidden_until": until})
    return go_back(
        request, reverse("home"), say=gettext("Reposts are shown again.") if shows else ""
    )


@require_safe
@signed_in
def why(request: HttpRequest, me: User, handle: str, tweet_id: int) -> HttpResponse:
    """Why a tweet is in the home timeline of the signed-in user, or not."""
    tweet = access_tweet(viewer=me, tweet_id=tweet_id)
    if (tweet.handle, tweet.id) != (handle, tweet_id):
        return HttpResponseRedirect(reverse("why", args=[tweet.handle, tweet.id]))
    context = {
        "card": card(tweet, viewer=viewer_context(request)),
        "why": told(explain.explain(viewer=me, tweet_id=tweet_id)),
    }
    return respond(request, "pages/tweets/why.html", context, fragment="fragments/why.html")


def _landing(request: HttpRequest) -> HttpResponse:
    page = public(viewer=None, page=PageRequest(limit=LATELY))
    return respond(
        request,
        "pages/tweets/landing.html",
        {
            "cards": cards(page.results, viewer=viewer_context(request)),
            "site": site.known(),
            "rules": site.rules(),
        },
    )
