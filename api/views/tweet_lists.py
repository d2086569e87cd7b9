"""Views for lists: tweets of a user, users and tweets related to a tweet, public timelines."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from api.authentication import signed_in_user, viewer_of
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
from people.selectors import access_lists
from tweets.places import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, Circle
from tweets.read import lists, threads
from tweets.read.facts import Facts

TAG = OpenApiParameter(
    "tag",
    {"type": "string", "minLength": 1, "maxLength": 100},
    OpenApiParameter.PATH,
    description="A hashtag without the #, case-insensitive.",
)
CIRCLE = [
    OpenApiParameter(
        "lat",
        {"type": "number", "minimum": -90, "maximum": 90},
        required=True,
        description="Latitude in degrees.",
    ),
    OpenApiParameter(
        "lon",
        {"type": "number", "minimum": -180, "maximum": 180},
        required=True,
        description="Longitude in degrees.",
    ),
    OpenApiParameter(
        "radius_km",
        {
            "type": "number",
            "minimum": 0,
            "maximum": int(MAX_RADIUS_KM),
            "default": int(DEFAULT_RADIUS_KM),
        },
        description="Radius in kilometres, measured along a great circle.",
    ),
]
USER_ERRORS = (400, 401, 403, 404)
TWEET_ERRORS = (400, 401, 404)
PUBLIC_ERRORS = (400, 401)


def _list(
    summary: str,
    entry: type[serializers.Serializer[Any]],
    statuses: tuple[int, ...],
    *parameters: OpenApiParameter,
) -> Callable[[Any], Any]:
    """A decorator that describes a method that returns a page."""
    return extend_schema(
        summary=summary,
        parameters=[*parameters, *PAGE_PARAMETERS],
        responses={200: page_of(entry), **errors(*statuses)},
    )


class _ListView(APIView):
    """Lists are public; their results depend on the viewer."""

    permission_classes = (AllowAny,)

    def tweets(
        self, request: Request, load: Callable[..., Page[Facts]], **options: Any
    ) -> HttpResponse:
        """The requested page of a list of tweets, which `load` returns for `options`."""
        page = load(viewer=viewer_of(request), page=PageRequest.of(request.GET), **options)
        return rendered(represent_page(request, page))

    def tweets_of(
        self, request: Request, load: Callable[..., Page[Facts]], handle: str
    ) -> HttpResponse:
        """The requested page of a user's list of tweets. Raises NotFound and ListsHidden."""
        user, follows = access_lists(viewer=viewer_of(request), handle=handle)
        return self.tweets(request, load, user=user, follows=follows)

    def people(
        self, request: Request, load: Callable[..., Page[User]], **options: Any
    ) -> HttpResponse:
        """The requested page of a list of users, which `load` returns for `options`."""
        viewer = viewer_of(request)
        page = load(viewer=viewer, page=PageRequest.of(request.GET), **options)
        profiles = represent_profiles(viewer=viewer, users=page.results, base=base_of(request))
        return rendered(page_body(request, Page(profiles, next=page.next, previous=page.previous)))


class UserTweetsView(_ListView):
    """/api/users/{handle}/tweets."""

    @_list("Tweets and reposts of a user", TweetSerializer, USER_ERRORS, HANDLE)
    def get(self, request: Request, handle: str) -> HttpResponse:
        """Tweets, quotes, reposts, and replies to their own tweets, newest first."""
        return self.tweets_of(request, lists.user_tweets, handle)


class UserRepliesView(_ListView):
    """/api/users/{handle}/replies."""

    @_list("Replies of a user to others", TweetSerializer, USER_ERRORS, HANDLE)
    def get(self, request: Request, handle: str) -> HttpResponse:
        """Replies to the tweets of other users, newest first."""
        return self.tweets_of(request, lists.user_replies, handle)


class UserMediaView(_ListView):
    """/api/users/{handle}/media."""

    @_list("Tweets of a user with media", TweetSerializer, USER_ERRORS, HANDLE)
    def get(self, request: Request, handle: str) -> HttpResponse:
        """Tweets with pictures, videos or recordings, newest first."""
        return self.tweets_of(request, lists.user_media, handle)


class UserLikesView(_ListView):
    """/api/users/{handle}/likes."""

    @_list("Tweets that a user likes", TweetSerializer, USER_ERRORS, HANDLE)
    def get(self, request: Request, handle: str) -> HttpResponse:
        """Tweets, the latest like first. Only followers see the list of a private account."""
        return self.tweets_of(request, lists.user_likes, handle)


class LikesView(_ListView):
    """/api/tweets/{id}/likes."""

    @_list("Users that like a tweet", ProfileSerializer, TWEET_ERRORS, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """Users, the latest like first."""
        return self.people(request, lists.likes, tweet_id=parsed(tweet_id))


class RepostsView(_ListView):
    """/api/tweets/{id}/reposts."""

    @_list("Users that reposted a tweet", ProfileSerializer, TWEET_ERRORS, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """Users, the latest repost first."""
        return self.people(request, lists.reposts, tweet_id=parsed(tweet_id))


class QuotesView(_ListView):
    """/api/tweets/{id}/quotes."""

    @_list("Quotes of a tweet", TweetSerializer, TWEET_ERRORS, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """Tweets that quote the tweet, newest first."""
        return self.tweets(request, lists.quotes, tweet_id=parsed(tweet_id))


class HistoryView(_ListView):
    """/api/tweets/{id}/history."""

    @_list("Edit history of a tweet", TweetVersionSerializer, TWEET_ERRORS, TWEET_ID)
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """All versions of the tweet, the current one first. An unedited tweet has only that one."""
        id_, page = parsed(tweet_id), PageRequest.of(request.GET)
        versions = threads.history(viewer=viewer_of(request), tweet_id=id_, page=page)
        return rendered(represent_versions(request, versions))


class HashtagView(_ListView):
    """/api/timelines/hashtag/{tag}."""

    @_list("Tweets with a hashtag", TweetSerializer, TWEET_ERRORS, TAG)
    def get(self, request: Request, tag: str) -> HttpResponse:
        """Public tweets, including replies, newest first. Returns a 404 for an invalid hashtag."""
        return self.tweets(request, lists.hashtag, tag=tag)


class BookmarksView(APIView):
    """/api/bookmarks."""

    @_list("Bookmarks", TweetSerializer, (400, 401))
    def get(self, request: Request) -> HttpResponse:
        """Tweets that the viewer bookmarked, the latest bookmark first."""
        viewer, page = signed_in_user(request), PageRequest.of(request.GET)
        return rendered(represent_page(request, lists.bookmarks(viewer=viewer, page=page)))


class PublicView(_ListView):
    """/api/timelines/public."""

    @_list("Public timeline", TweetSerializer, PUBLIC_ERRORS)
    def get(self, request: Request) -> HttpResponse:
        """Public tweets of all users, without replies and reposts, newest first."""
        return self.tweets(request, lists.public)


class NearbyView(_ListView):
    """/api/timelines/nearby."""

    @_list("Tweets near a location", TweetSerializer, PUBLIC_ERRORS, *CIRCLE)
    def get(self, request: Request) -> HttpResponse:
        """Public tweets with a location within the radius, including replies, newest first."""
        return self.tweets(request, lists.nearby, circle=Circle.of(request.GET.dict()))
