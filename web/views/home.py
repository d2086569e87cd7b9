"""The front page: the home timeline, or the landing page for anonymous visitors."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chirp import ids
from chirp.errors import NotFound
from chirp.pagination import BadCursor, Cursor, PageRequest
from lists.services import own_list
from moderation.site import services as site
from people.profile import update_profile
from timelines import explain, selectors
from timelines.lists import list_timeline
from timelines.ranked import home_ranked
from tweets.read.access import access_tweet
from tweets.read.lists import public
from web.auth import signed_in, viewer_of
from web.limits import limit_account
from web.presenters.read_position import line_before
from web.presenters.tweets import card, cards, home_cards, ranked_cards
from web.presenters.why import told
from web.responses import go_back, is_htmx, respond
from web.surroundings import surroundings_of
from web.templating.formatting import isolated
from web.viewer import reading_of, viewer_context

MARKED_READ = "read"  # the parameter with the read position
A_DAY = timedelta(days=1)
LATELY = 5  # tweets on the landing page
COOKIE = "home"  # the view that was chosen last, if it is not the default
COOKIE_SECONDS = 365 * 86_400


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page at `/`: of followed people in one of VIEWS, or of the people on an own list."""
    viewer = viewer_of(request)
    if viewer is None:
        return _landing(request)
    if "list" in request.GET:
        return _list(request, viewer)
    response = VIEWS[_view(request)](request, viewer)
    if request.GET.get("view") in VIEWS:
        _remember(request, response, request.GET["view"])
    return response


def _view(request: HttpRequest) -> str:
    """Return the view that the address names, or else the one that this browser showed last.

    The links to further pages name it, so that they stay in it whatever is chosen meanwhile.
    """
    named, last = request.GET.get("view"), request.COOKIES.get(COOKIE)
    if named in VIEWS:
        return str(named)
    if last not in VIEWS or "cursor" in request.GET:
        return "latest"
    query = request.GET.copy()
    query["view"] = last
    request.GET = query  # type: ignore[assignment]
    return last


def _remember(request: HttpRequest, response: HttpResponse, view: str) -> None:
    """Let the browser keep a choice that is not the default."""
    if view == request.COOKIES.get(COOKIE, "latest"):
        return
    if view == "latest":
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        view,
        max_age=COOKIE_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _tabs(request: HttpRequest, viewer: User) -> list[tuple[str, str, str]]:
    """Return the views and the viewer's lists, as components/tabs.html takes them."""
    here, own = reverse("home"), surroundings_of(request, viewer).lists
    return [
        ("latest", gettext("Following"), f"{here}?view=latest"),
        ("ranked", gettext("Ranked"), f"{here}?view=ranked"),
        *((f"list-{pk}", isolated(name), f"{here}?list={pk}") for pk, name in own),
    ]


def _page(request: HttpRequest, viewer: User, view: str, **context: Any) -> HttpResponse:
    around = {
        "view": view,
        "tabs": () if is_htmx(request) else _tabs(request, viewer),
        "line": None,
        "read_up_to": 0,
        "found": None,
        "reposts_hidden_until": _still(viewer.reposts_hidden_until),
    }
    template, fragment = "pages/tweets/home.html", "fragments/home_feed.html"
    return respond(request, template, {**around, **context}, fragment=fragment)


def _list(request: HttpRequest, viewer: User) -> HttpResponse:
    list_id = ids.parse(request.GET["list"])
    if list_id is None:
        raise NotFound
    found = own_list(owner=viewer, list_id=list_id)
    page = list_timeline(viewer=viewer, found=found, page=PageRequest.of(request.GET))
    shown = cards(page.results, viewer=viewer_context(request))
    return _page(request, viewer, f"list-{found.pk}", page=page, cards=shown, found=found)


def _home(request: HttpRequest, viewer: User) -> HttpResponse:
    wanted = PageRequest.of(request.GET)
    reader = None if is_htmx(request) else surroundings_of(request, viewer).reader
    page = selectors.home(viewer=viewer, page=wanted, reader=reader)
    found = [tweet.id for tweet in page.results]
    read = _read_position(request, viewer)
    context: dict[str, Any] = {
        "page": page,
        "cards": home_cards(page.results, viewer=viewer_context(request)),
        "line": line_before(found, read=read, above=wanted.cursor.before),
        # Only from the top: whoever reads further down has seen the top before.
        "read_up_to": found[0] if found and page.previous is None and found[0] > read else 0,
    }
    return _page(request, viewer, "latest", **context)


def _ranked(request: HttpRequest, viewer: User) -> HttpResponse:
    page = home_ranked(viewer=viewer, page=PageRequest.of(request.GET))
    shown = ranked_cards(page.results, viewer=viewer_context(request))
    return _page(request, viewer, "ranked", page=page, cards=shown)


VIEWS: dict[str, Callable[[HttpRequest, User], HttpResponse]] = {
    "latest": _home,
    "ranked": _ranked,
}


def _still(end: datetime | None) -> datetime | None:
    """Return a time if it is in the future."""
    return end if end is not None and end > timezone.now() else None


def _read_position(request: HttpRequest, viewer: User) -> int:
    """Return how far the viewer had read when they opened the first page.

    The position moves as soon as that page is seen, so the links to further pages name it.
    """
    named = ids.parse(request.GET.get(MARKED_READ))
    if named is not None:
        return named
    known = reading_of(request) if is_htmx(request) else surroundings_of(request, viewer).reading
    read = known.home
    if read:
        query = request.GET.copy()
        query[MARKED_READ] = str(read)
        request.GET = query  # type: ignore[assignment]  # which the links are made of
    return read


@require_safe
@signed_in
def new_tweets(request: HttpRequest, me: User) -> HttpResponse:
    """How many entries of home are newer than the id in `since`, as a link; empty if none are."""
    since = ids.parse(request.GET.get("since"))
    if since is None:
        raise BadCursor
    page = selectors.home(viewer=me, page=PageRequest(cursor=Cursor(after=since)))
    context = {"count": len(page.results), "more": page.previous is not None}
    return respond(request, "fragments/new_tweets.html", context)


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
