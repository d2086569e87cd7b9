"""The API of lists: what somebody wrote or likes, what is around a tweet, and what is for all."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from api.authentication import viewer_of
from api.pages import page_body
from api.presenters.people import ProfileSerializer, represent_profiles
from api.presenters.tweets import (
    TweetSerializer,
    TweetVersionSerializer,
    represent_page,
    represent_versions,
)
from api.renderers import rendered
from api.schema import HANDLE, PAGE_PARAMETERS, base_of, errors, page_of
from api.views.tweets import TWEET_ID, parsed
from chirp.pagination import Page, PageRequest
from people.selectors import access_user
from tweets.places import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, Circle
from tweets.read import lists, threads
from tweets.read.facts import Facts

TAG = OpenApiParameter(
    "tag",
    {"type": "string", "minLength": 1, "maxLength": 100},
    OpenApiParameter.PATH,
    description="A hashtag without its #, in any case.",
)
CIRCLE = [
    OpenApiParameter(
        "lat",
        {"type": "number", "minimum": -90, "maximum": 90},
        required=True,
        description="Degrees north of the equator.",
    ),
    OpenApiParameter(
        "lon",
        {"type": "number", "minimum": -180, "maximum": 180},
        required=True,
        description="Degrees east of Greenwich.",
    ),
    OpenApiParameter(
        "radius_km",
        {
            "type": "number",
            "minimum": 0,
            "maximum": int(MAX_RADIUS_KM),
            "default": int(DEFAULT_RADIUS_KM),
        },
        description="How far around it, in kilometres along a great circle.",
    ),
]
OF_USER = (400, 401, 403, 404)
OF_TWEET = (400, 401, 404)


def _list(
    summary: str,
    entry: type[serializers.Serializer[Any]],
    refused: tuple[int, ...],
    *parameters: OpenApiParameter,
) -> Callable[[Any], Any]:
    """The description of a method that answers with a page."""
    return extend_schema(
        summary=summary,
        parameters=[*parameters, *PAGE_PARAMETERS],
        responses={200: page_of(entry), **errors(*refused)},
    )


class _ListView(APIView):
    """Lists are for everybody; what is in them is for each viewer."""

    permission_classes = (AllowAny,)

    def tweets(self, request: Request, load: Callable[..., Page[Facts]], **of: Any) -> HttpResponse:
        """The page of tweets that is asked for."""
        page = load(viewer=viewer_of(request), page=PageRequest.of(request.GET), **of)
        return rendered(represent_page(request, page))

    def tweets_of(
        self, request: Request, load: Callable[..., Page[Facts]], handle: str
    ) -> HttpResponse:
        """The page that is asked for of a list that belongs to somebody."""
        user = access_user(viewer=viewer_of(request), handle=handle)
        return self.tweets(request, load, user=user)

    def people(self, request: Request, load: Callable[..., Page[User]], **of: Any) -> HttpResponse:
        """The page of people that is asked for."""
        viewer = viewer_of(request)
        page = load(viewer=viewer, page=PageRequest.of(request.GET), **of)
        rows = represent_profiles(viewer=viewer, users=page.results, base=base_of(request))
        return rendered(page_body(request, Page(rows, next=page.next, previous=page.previous)))


class UserTweetsView(_ListView):
    """/api/users/{handle}/tweets"""

    @_list("What somebody wrote and reposted", TweetSerializer, OF_USER, HANDLE)
    def get(self, request: Request, handle: str) -> HttpResponse:
        """Tweets, quotes, reposts and replies to oneself, the newest first."""
        return self.tweets_of(request, lists.user_tweets, handle)


class UserRepliesView(_ListView):
    """/api/users/{handle}/replies"""

    @_list("What somebody replied to others", TweetSerializer, OF_USER, HANDLE)
    def get(self, request: Request, handle: str) -> HttpResponse:
        """Replies, the newest first."""
        return self.tweets_of(request, lists.user_replies, handle)


class UserLikesView(_ListView):
    """/api/users/{handle}/likes"""

    @_list("What somebody likes", TweetSerializer, OF_USER, HANDLE)
    def get(self, request: Request, handle: str) -> HttpResponse:
        """Tweets, the latest like first. A private account's are for its followers."""
        return self.tweets_of(request, lists.user_likes, handle)


class LikesView(_ListView):
    """/api/tweets/{id}/likes"""

    @_list("Who likes a tweet", ProfileSerializer, OF_TWEET, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """People, the latest like first."""
        return self.people(request, lists.likes, tweet_id=parsed(tweet_id))


class RepostsView(_ListView):
    """/api/tweets/{id}/reposts"""

    @_list("Who reposted a tweet", ProfileSerializer, OF_TWEET, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """People, the latest repost first."""
        return self.people(request, lists.reposts, tweet_id=parsed(tweet_id))


class QuotesView(_ListView):
    """/api/tweets/{id}/quotes"""

    @_list("What quotes a tweet", TweetSerializer, OF_TWEET, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """Tweets, the newest first."""
        return self.tweets(request, lists.quotes, tweet_id=parsed(tweet_id))


class HistoryView(_ListView):
    """/api/tweets/{id}/history"""

    @_list("What a tweet has said", TweetVersionSerializer, OF_TWEET, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """Every version, what it says now first. One that was never edited has only that."""
        id_, page = parsed(tweet_id), PageRequest.of(request.GET)
        versions = threads.history(viewer=viewer_of(request), tweet_id=id_, page=page)
        return rendered(represent_versions(request, versions))


class HashtagView(_ListView):
    """/api/timelines/hashtag/{tag}"""

    @_list("What has a hashtag", TweetSerializer, OF_TWEET, TAG)
    def get(self, request: Request, tag: str) -> HttpResponse:
        """Public tweets, replies too, the newest first. A 404 for what can be no hashtag."""
        return self.tweets(request, lists.hashtag, tag=tag)


class PublicView(_ListView):
    """/api/timelines/public"""

    @_list("What everybody writes", TweetSerializer, (400, 401))
    def get(self, request: Request) -> HttpResponse:
        """Public tweets without replies and reposts, the newest first."""
        return self.tweets(request, lists.public)


class NearbyView(_ListView):
    """/api/timelines/nearby"""

    @_list("What is written near a place", TweetSerializer, (400, 401), *CIRCLE)
    def get(self, request: Request) -> HttpResponse:
        """Public tweets that carry a place within the radius, replies too, the newest first."""
        return self.tweets(request, lists.nearby, circle=Circle.of(request.GET.dict()))
