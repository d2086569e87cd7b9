"""Views for search."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from api.authentication import viewer_of
from api.presenters.search import SearchPageSerializer
from api.presenters.tweets import represent_page
from api.renderers import rendered
from api.schema import PAGE_PARAMETERS, errors
from chirp.errors import ChirpError
from chirp.pagination import PageRequest
from search.query import MAX_LENGTH
from search.tweets import search_tweets


class BadType(ChirpError):
    """The type of results is unknown."""

    field = "type"
    message = "Must be one of tweets, users, hashtags."


def _tweets(request: Request, query: str) -> Any:
    page = search_tweets(viewer=viewer_of(request), query=query, page=PageRequest.of(request.GET))
    return represent_page(request, page)


TYPES: dict[str, Callable[[Request, str], Any]] = {"tweets": _tweets}
Q = OpenApiParameter(
    "q",
    {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
    required=True,
    description='What to look for. For tweets: words, `"a phrase"`, `-word`, `#hashtag`, `@name`, '
    "`from:name`, `to:name`, `has:media`, `has:link`, `has:poll`, `is:reply`, `lang:de`, "
    "`since:2026-03-01` (from this day on), `until:2026-04-01` (before this day), in UTC. All of "
    "them must hold. For users and hashtags: a part of a name.",
)
TYPE = OpenApiParameter(
    "type",
    {"type": "string", "enum": list(TYPES), "default": "tweets"},
    description="The type of results.",
)


class SearchView(APIView):
    """/api/search."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Search",
        parameters=[Q, TYPE, *PAGE_PARAMETERS],
        responses={200: SearchPageSerializer, **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """What the viewer may see: tweets newest first, users and hashtags best match first.

        Recent changes may take some seconds to be found.
        """
        search = TYPES.get(request.GET.get("type", "tweets"))
        if search is None:
            raise BadType
        return rendered(search(request, request.GET.get("q", "")))
