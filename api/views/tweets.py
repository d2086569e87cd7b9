"""The API of tweets: post, read, edit, delete, like and repost."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user, viewer_of
from api.idempotency import idempotent
from api.presenters import tweets as presenters
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, PAGE_PARAMETERS, RATE_LIMIT_HEADERS, base_of, errors
from chirp import ids
from chirp.errors import NotFound
from chirp.pagination import PageRequest
from tweets import deleting, editing, marks, posting
from tweets.read import threads
from tweets.read.access import access_tweet

TWEET_ID = OpenApiParameter(
    "tweet_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="A tweet's id.",
)


def parsed(tweet_id: str) -> int:
    """The id in an address. NotFound for what can be none."""
    id_ = ids.parse(tweet_id)
    if id_ is None:
        raise NotFound
    return id_


def _tweet(request: Request, tweet_id: int, *, status: int = 200) -> Response:
    """The answer that is a tweet."""
    tweet = access_tweet(viewer=viewer_of(request), tweet_id=tweet_id)
    return Response(presenters.represent(tweet, base=base_of(request)), status=status)


class TweetsView(APIView):
    """/api/tweets"""

    @extend_schema(
        summary="Post a tweet, a reply or a quote",
        request=presenters.NewTweetSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: presenters.TweetSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Replies and quotes of a repost are for the original."""
        new = validated(presenters.NewTweetSerializer, request)
        tweet = posting.post_tweet(author=signed_in_user(request), **new)
        return _tweet(request, tweet.pk, status=201)


class TweetView(APIView):
    """/api/tweets/{id}"""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="A tweet",
        parameters=[TWEET_ID],
        responses={200: presenters.TweetSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, tweet_id: str) -> Response:
        """One tweet, as the viewer may see it."""
        return _tweet(request, parsed(tweet_id))

    @extend_schema(
        summary="Edit one's tweet",
        request=presenters.EditTweetSerializer,
        parameters=[TWEET_ID, *RATE_LIMIT_HEADERS],
        responses={200: presenters.TweetSerializer, **errors(400, 401, 403, 404, 413, 415, 429)},
    )
    def patch(self, request: Request, tweet_id: str) -> Response:
        """What is left out stays as it is. What it said before is kept, for all to see."""
        id_, changes = parsed(tweet_id), validated(presenters.EditTweetSerializer, request)
        editing.edit_tweet(author=signed_in_user(request), tweet_id=id_, **changes)
        return _tweet(request, id_)

    @extend_schema(
        summary="Delete one's tweet, or undo one's repost",
        parameters=[TWEET_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Twice is the same as once."""
        deleting.delete_tweet(author=signed_in_user(request), tweet_id=parsed(tweet_id))
        return Response(status=204)


class ThreadView(APIView):
    """/api/tweets/{id}/thread"""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="The conversation around a tweet",
        parameters=[TWEET_ID, *PAGE_PARAMETERS],
        responses={200: presenters.ThreadSerializer, **errors(400, 401, 404)},
    )
    def get(self, request: Request, tweet_id: str) -> Response:
        """What it answers (the nearest hundred, oldest first), and its replies (newest first)."""
        page, base = PageRequest.of(request.GET), base_of(request)
        thread = threads.thread(viewer=viewer_of(request), tweet_id=parsed(tweet_id), page=page)
        return Response(
            {
                "ancestors": [presenters.represent(tweet, base=base) for tweet in thread.ancestors],
                "tweet": presenters.represent(thread.tweet, base=base),
                "replies": presenters.represent_page(request, thread.replies),
            }
        )


def _mark(summary: str) -> Callable[[Any], Any]:
    """The description of a method of a mark."""
    return extend_schema(
        summary=summary,
        request=None,
        parameters=[TWEET_ID, *RATE_LIMIT_HEADERS],
        responses={200: presenters.TweetSerializer, **errors(401, 403, 404, 429)},
    )


class LikeView(APIView):
    """/api/tweets/{id}/like"""

    @_mark("Like a tweet")
    def put(self, request: Request, tweet_id: str) -> Response:
        """Twice is the same as once. Answers with the tweet, or a repost's original."""
        liked = marks.like(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        return _tweet(request, liked)

    @_mark("Take a like back")
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Twice is the same as once. Answers with the tweet, or a repost's original."""
        return _tweet(
            request, marks.unlike(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        )


class RepostView(APIView):
    """/api/tweets/{id}/repost"""

    @_mark("Repost a tweet")
    def put(self, request: Request, tweet_id: str) -> Response:
        """Twice is the same as once. Answers with the tweet, or a repost's original."""
        repost = marks.repost(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        assert repost.repost_of_id is not None
        return _tweet(request, repost.repost_of_id)

    @_mark("Undo a repost")
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Twice is the same as once. Answers with the tweet, or a repost's original."""
        user = signed_in_user(request)
        return _tweet(request, marks.undo_repost(user=user, tweet_id=parsed(tweet_id)))
