"""The search page, completions, and what is new on the page Explore."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from chirp.pagination import PageRequest
from people.selectors import NOTHING_BETWEEN
from people.suggestions import suggest
from search import completion
from search.hashtags import search_hashtags, trends
from search.people import search_people
from search.query import BadQuery
from search.trending import trending_tweets
from search.tweets import search_tweets
from web.auth import viewer_of
from web.lazy import gettext_lazy as _
from web.presenters.people import Row, rows
from web.presenters.tweets import cards
from web.responses import respond
from web.viewer import viewer_context

TRENDS = 6
SUGGESTIONS = 3
TRENDING = 3  # tweets on the page Explore
NO_NEWS: dict[str, Any] = {"trends": (), "trending": (), "suggestions": ()}
SIGNS = ("from:", "to:", "@", "")
RESULTS = "search-results"  # the part of the page that shows results as one types
ALSO = 3  # people and hashtags above tweets
NOTHING = {
    "tweets": _(
        "No tweet that you can see has all of that. A tweet can be found some seconds after "
        "it was written."
    ),
    "users": _("Nobody has such a handle or name."),
    "hashtags": _("No hashtag in use begins like that."),
}


def _tweets(request: HttpRequest, query: str, page: PageRequest) -> dict[str, Any]:
    found = search_tweets(viewer=viewer_of(request), query=query, page=page)
    return {"page": found, "cards": cards(found.results, viewer=viewer_context(request))}


def _users(request: HttpRequest, query: str, page: PageRequest) -> dict[str, Any]:
    viewer = viewer_of(request)
    found = search_people(viewer=viewer, query=query, page=page)
    return {"page": found, "rows": rows(found.results, viewer=viewer)}


def _hashtags(request: HttpRequest, query: str, page: PageRequest) -> dict[str, Any]:
    found = search_hashtags(query=query, page=page)
    return {"page": found, "hashtags": found.results}


TYPES: dict[str, tuple[str, str, Callable[[HttpRequest, str, PageRequest], dict[str, Any]]]] = {
    "tweets": (_("Tweets"), "fragments/feed.html", _tweets),
    "users": (_("People"), "fragments/people.html", _users),
    "hashtags": (_("Hashtags"), "fragments/hashtags.html", _hashtags),
}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What a query finds; without one, what can be searched for. A bad query is explained.

    While somebody types, the page asks for the part of it that has the results.
    """
    query = request.GET.get("q", "").replace("\x00", "").strip()
    type_ = request.GET.get("type", "tweets")
    type_ = type_ if type_ in TYPES else "tweets"
    _label, fragment, find = TYPES[type_]
    typing = request.headers.get("HX-Target") == RESULTS
    context = _around(query, type_) | {"fragment": fragment, "refused": "", "also": None}
    status = 200
    try:
        context |= find(request, query, PageRequest.of(request.GET)) if query else {}
    except BadQuery as error:
        # What is typed is not wrong before it is complete.
        context["refused"], status = error.detail, 200 if typing else 400
    if type_ == "tweets" and query and "cursor" not in request.GET:
        context["also"] = _also(request, query)
    shown = fragment if "page" in context else None
    shown = "fragments/search_results.html" if typing else shown
    return respond(request, "pages/search/search.html", context, fragment=shown, status=status)


def _also(request: HttpRequest, query: str) -> dict[str, Any]:
    """A few people and hashtags that begin like the last word of a query for tweets."""
    viewer = viewer_of(request)
    found = completion.complete(viewer=viewer, query=query)
    return {"people": rows(found.people[:ALSO], viewer=viewer), "hashtags": found.hashtags[:ALSO]}


def _around(query: str, type_: str) -> dict[str, Any]:
    """The box and the tabs."""
    types = [
        (name, label, f"{reverse('search')}?{urlencode({'q': query, 'type': name})}")
        for name, (label, *_) in TYPES.items()
    ]
    return {
        "query": query,
        "type": type_,
        "types": types,
        "nothing_text": NOTHING[type_],
        "older_text": gettext("Older") if type_ == "tweets" else gettext("More"),
        "newer_text": gettext("Back"),
    }


@require_safe
def complete(request: HttpRequest) -> HttpResponse:
    """Completions of the last word of a query, as options for the search box."""
    query = request.GET.get("q", "").replace("\x00", "")
    before, space, word = query.rpartition(" ")
    minus = "-" if word.startswith("-") else ""
    sign = next(sign for sign in SIGNS if word.removeprefix("-").startswith(sign)) or "@"
    found = completion.complete(viewer=viewer_of(request), query=query)
    context = {"found": found, "before": before + space + minus, "sign": sign}
    return respond(request, "fragments/completions.html", context)


def news(request: HttpRequest) -> dict[str, Any]:
    """Trends, tweets that trend, and people to follow for the signed-in user, with the reasons."""
    viewer = viewer_of(request)
    suggested = suggest(viewer=viewer, limit=SUGGESTIONS) if viewer else []
    found = trending_tweets(viewer=viewer, page=PageRequest(limit=TRENDING))
    shown = cards(found.results, viewer=viewer_context(request))
    return {
        "trends": trends(limit=TRENDS),
        "trending": [card._replace(anchor=f"trend{card.tweet.id}") for card in shown],
        "suggestions": [(Row(one.person, NOTHING_BETWEEN), one.reason) for one in suggested],
    }


@require_safe
def trending(request: HttpRequest) -> HttpResponse:
    """All tweets that trend."""
    page = trending_tweets(viewer=viewer_of(request), page=PageRequest.of(request.GET))
    context = {
        "heading": gettext("Trending tweets"),
        "back": reverse("explore"),
        "empty": (
            gettext("Nothing trends"),
            gettext("There is something here when many people like or share it."),
        ),
        "page": page,
        "cards": cards(page.results, viewer=viewer_context(request)),
        "older_text": gettext("More"),
        "newer_text": gettext("Back"),
    }
    return respond(request, "pages/tweets/timeline.html", context, fragment="fragments/feed.html")
