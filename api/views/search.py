"""Views for search, trends, completions and suggestions."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from api.authentication import signed_in_user, viewer_of
from api.presenters import search as presenters
from api.presenters.tweets import TweetSerializer, represent_page
from api.renderers import rendered
from api.schema import PAGE_PARAMETERS, errors, page_of
from chirp.errors import ChirpError
from chirp.pagination import Page, PageRequest
from people.suggestions import suggest
from search.completion import complete
from search.hashtags import search_hashtags, trends
from search.people import search_people
from search.query import MAX_LENGTH
from search.trending import trending_tweets
from search.tweets import search_tweets


class BadType(ChirpError):
    """The type of results is unknown."""

    field = "type"
    message = "Must be one of tweets, users, hashtags."


def _tweets(request: Request, query: str, page: PageRequest) -> Any:
    found = search_tweets(viewer=viewer_of(request), query=query, page=page)
    return represent_page(request, found)


def _users(request: Request, query: str, page: PageRequest) -> Any:
    viewer = viewer_of(request)
    found = search_people(viewer=viewer, query=query, page=page)
    return presenters.represent_people(request, viewer, found)


def _hashtags(request: Request, query: str, page: PageRequest) -> Any:
    return presenters.represent_hashtags(request, search_hashtags(query=query, page=page))


TYPES: dict[str, Callable[[Request, str, PageRequest], Any]] = {
    "tweets": _tweets,
    "users": _users,
    "hashtags": _hashtags,
}
PAGES = {
    "anyOf": [
        {"$ref": f"#/components/schemas/{name}Page"} for name in ("Tweet", "Profile", "Hashtag")
    ]
}
TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
QUERY = OpenApiParameter(
    "q",
    TEXT,
    required=True,
    description='What to look for. For tweets: words, `"a phrase"`, `-word`, `#hashtag`, '
    "`@name`, `from:name`, `to:name`, `has:media`, `has:link`, `has:poll`, `is:reply`, `lang:de`, "
    "`since:2026-03-01` (from this day on), `until:2026-04-01` (before this day), in UTC. All of "
    "them must hold. For users and hashtags: a part of a name.",
)
BEGINNING = OpenApiParameter(
    "q",
    {"type": "string"},
    description="What was typed so far; its last word is completed. `@` asks for users only, `#` "
    "for hashtags only.",
)
TYPE = OpenApiParameter(
    "type",
    {"type": "string", "enum": list(TYPES), "default": "tweets"},
    description="The type of the results: TweetPage, ProfilePage or HashtagPage.",
)
LIMIT = PAGE_PARAMETERS[:1]


class SearchView(APIView):
    """/api/search."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Search for tweets, users or hashtags",
        parameters=[QUERY, TYPE, *PAGE_PARAMETERS],
        responses={200: PAGES, **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """What the viewer may see: tweets newest first, users and hashtags best match first.

        A new or edited tweet is found after some seconds, a new hashtag after some minutes. One
        typo in the name of a user is forgiven. Returns a 400 that explains what is wrong with a
        query.
        """
        search = TYPES.get(request.GET.get("type", "tweets"))
        if search is None:
            raise BadType
        page = PageRequest.of(request.GET)
        return rendered(search(request, request.GET.get("q", ""), page))


class CompletionView(APIView):
    """/api/search/complete."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Complete a handle or hashtag",
        parameters=[BEGINNING],
        responses={200: presenters.CompletionsSerializer, **errors(401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """At most five users and five hashtags that begin with what was typed."""
        viewer = viewer_of(request)
        found = complete(viewer=viewer, query=request.GET.get("q", ""))
        return rendered(presenters.represent_completions(request, viewer, found))


class TrendsView(APIView):
    """/api/trends."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Trends",
        tags=["search"],
        parameters=LIMIT,
        responses={200: page_of(presenters.HashtagSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """Hashtags that more users than usual used within a day, the most unusual first.

        Computed every five minutes. There is one page.
        """
        found = trends(limit=PageRequest.of(request.GET).limit)
        return rendered(presenters.represent_hashtags(request, Page(found)))


class TrendingTweetsView(APIView):
    """/api/trends/tweets."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Trending tweets",
        tags=["search"],
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(TweetSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """Public tweets that more people than usual like, repost, quote or answer.

        Those that the viewer may see and does not mute or filter, the most unusual first; at most
        a hundred. Computed every five minutes.
        """
        page = PageRequest.of(request.GET)
        return rendered(
            represent_page(request, trending_tweets(viewer=viewer_of(request), page=page))
        )


class SuggestionsView(APIView):
    """/api/suggestions."""

    @extend_schema(
        summary="Users to follow",
        tags=["search"],
        parameters=LIMIT,
        responses={200: page_of(presenters.SuggestionSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """Users whom those follow that the viewer follows, then those with many followers.

        There is one page.
        """
        viewer = signed_in_user(request)
        found = suggest(viewer=viewer, limit=PageRequest.of(request.GET).limit)
        return rendered(presenters.represent_suggestions(request, viewer, found))
