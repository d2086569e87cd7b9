"""Views for hashtags that an account follows, and that it shows on its profile."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user, viewer_of
from api.pages import page_body
from api.presenters.lists import (
    ChangedHashtagSerializer,
    FeaturedHashtagsSerializer,
    FollowedHashtagSerializer,
)
from api.schema import HANDLE, PAGE_PARAMETERS, RATE_LIMIT_HEADERS, errors, page_of
from api.views.tweet_lists import TAG
from chirp.pagination import Page, PageRequest
from lists import featured_hashtags, hashtags
from people.selectors import access_user


class FollowedHashtagsView(APIView):
    """/api/me/hashtags."""

    @extend_schema(
        summary="Followed hashtags",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(FollowedHashtagSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """The hashtags that the viewer follows, the latest first."""
        user, page = signed_in_user(request), PageRequest.of(request.GET)
        found = hashtags.followed_hashtags(user=user, page=page)
        rows = [each._asdict() for each in found.results]
        return Response(page_body(request, Page(rows, found.next, found.previous)))


def _changes_hashtag(
    summary: str,
    *statuses: int,
    answer: type[serializers.Serializer[Any]] = FollowedHashtagSerializer,
) -> Callable[[Any], Any]:
    """A decorator that describes a method that changes what a hashtag is to the viewer."""
    return extend_schema(
        summary=summary,
        request=None,
        parameters=[TAG, *RATE_LIMIT_HEADERS],
        responses={200: answer, **errors(401, 403, 404, 429, *statuses)},
    )


class FollowHashtagView(APIView):
    """/api/hashtags/{tag}/follow."""

    @extend_schema(
        summary="Whether a hashtag is followed",
        parameters=[TAG],
        responses={200: FollowedHashtagSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, tag: str) -> Response:
        """Whether the viewer follows it."""
        found = hashtags.followed_hashtag(user=signed_in_user(request), tag=tag)
        return Response(found._asdict())

    @_changes_hashtag("Follow a hashtag", 409)
    def put(self, request: Request, tag: str) -> Response:
        """Its public tweets appear in the home timeline. At most 100. Idempotent."""
        return Response(hashtags.follow_hashtag(user=signed_in_user(request), tag=tag)._asdict())

    @_changes_hashtag("Unfollow a hashtag")
    def delete(self, request: Request, tag: str) -> Response:
        """Idempotent."""
        return Response(hashtags.unfollow_hashtag(user=signed_in_user(request), tag=tag)._asdict())


class FeaturedHashtagsView(APIView):
    """/api/users/{handle}/featured-hashtags."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Hashtags on the profile of a user",
        parameters=[HANDLE],
        responses={200: FeaturedHashtagsSerializer, **errors(401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """At most ten, the latest first."""
        viewer = viewer_of(request)
        user = access_user(viewer=viewer, handle=handle)
        found = featured_hashtags.featured_hashtags(viewer=viewer, user=user)
        rows = [{"tag": each.tag, "tweets": each.tweets_count} for each in found]
        return Response({"results": rows})


class FeatureHashtagView(APIView):
    """/api/hashtags/{tag}/feature."""

    @_changes_hashtag("Show a hashtag on the profile", 409, answer=ChangedHashtagSerializer)
    def put(self, request: Request, tag: str) -> Response:
        """Show it on the viewer's profile. At most ten. Idempotent."""
        row = featured_hashtags.feature_hashtag(user=signed_in_user(request), tag=tag)
        return Response({"tag": row.tag, "featured": True})

    @_changes_hashtag("Show a hashtag on the profile no longer", answer=ChangedHashtagSerializer)
    def delete(self, request: Request, tag: str) -> Response:
        """Idempotent."""
        shown = featured_hashtags.unfeature_hashtag(user=signed_in_user(request), tag=tag)
        return Response({"tag": shown, "featured": False})
