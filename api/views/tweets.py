"""Views for tweets: post, read, edit, delete, like and repost."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user, viewer_of
from api.idempotency import idempotent
from api.pages import page_body
from api.presenters import tweets as presenters
from api.presenters.new_tweets import EditTweetSerializer, NewTweetSerializer
from api.renderers import rendered
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, PAGE_PARAMETERS, RATE_LIMIT_HEADERS, base_of, errors
from chirp import ids
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from tweets import bookmarks, deleting, editing, marks, posting
from tweets.read import threads
from tweets.read.access import access_tweet
from tweets.read.posted import facts_of_posted

TWEET_ID = OpenApiParameter(
    "tweet_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a tweet.",
)

GONE = OpenApiResponse(description="Done; the viewer cannot see the tweet, if any.")


def parsed(tweet_id: str) -> int:
    """The tweet id in a URL as an integer. Raises NotFound if it is not a valid id."""
    id_ = ids.parse(tweet_id)
    if id_ is None:
        raise NotFound
    return id_


def tweet_response(request: Request, tweet_id: int, *, status: int = 200) -> Response:
    """A response with the tweet as the viewer sees it. Raises NotFound."""
    tweet = access_tweet(viewer=viewer_of(request), tweet_id=tweet_id)
    return Response(presenters.represent(tweet, base=base_of(request)), status=status)


class TweetsView(APIView):
    """/api/tweets."""

    @extend_schema(
        summary="Post a tweet, a reply or a quote",
        request=NewTweetSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: presenters.TweetSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A reply to a repost, or a quote of one, refers to the original tweet."""
        new = validated(NewTweetSerializer, request)
        tweet = facts_of_posted(posting.post_tweet(author=signed_in_user(request), **new))
        return Response(presenters.represent(tweet, base=base_of(request)), status=201)


class TweetView(APIView):
    """/api/tweets/{id}."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="Get a tweet",
        parameters=[TWEET_ID],
        responses={200: presenters.TweetSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, tweet_id: str) -> Response:
        """A single tweet. Returns a 404 if the viewer cannot see it."""
        return tweet_response(request, parsed(tweet_id))

    @extend_schema(
        summary="Edit a tweet",
        request=EditTweetSerializer,
        parameters=[TWEET_ID, *RATE_LIMIT_HEADERS],
        responses={200: presenters.TweetSerializer, **errors(400, 401, 403, 404, 413, 415, 429)},
    )
    def patch(self, request: Request, tweet_id: str) -> Response:
        """Omitted fields keep their values. Earlier versions stay visible in the edit history."""
        id_, changes = parsed(tweet_id), validated(EditTweetSerializer, request)
        editing.edit_tweet(author=signed_in_user(request), tweet_id=id_, **changes)
        return tweet_response(request, id_)

    @extend_schema(
        summary="Delete a tweet, or undo a repost",
        parameters=[TWEET_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Delete a tweet or a repost of the viewer. Idempotent."""
        deleting.delete_tweet(author=signed_in_user(request), tweet_id=parsed(tweet_id))
        return Response(status=204)


class ThreadView(APIView):
    """/api/tweets/{id}/thread."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="Conversation of a tweet",
        parameters=[TWEET_ID, *PAGE_PARAMETERS],
        responses={200: presenters.ThreadSerializer, **errors(400, 401, 404)},
    )
    def get(self, request: Request, tweet_id: str) -> HttpResponse:
        """The closest hundred ancestors, oldest first, and a page of replies, newest first.

        `ancestors_before` leads to the ancestors above these.
        """
        page, base = PageRequest.of(request.GET), base_of(request)
        thread = threads.thread(viewer=viewer_of(request), tweet_id=parsed(tweet_id), page=page)
        replies, above = thread.replies, len(thread.ancestors)
        # All at once, so that each kind of attachment takes one query.
        tweets = [*thread.ancestors, thread.tweet, *replies.results]
        bodies = presenters.represent_all(tweets, base=base)
        below = Page(bodies[above + 1 :], next=replies.next, previous=replies.previous)
        return rendered(
            {
                "ancestors": bodies[:above],
                "ancestors_before": _thread_url(thread, base=base),
                "tweet": bodies[above],
                "replies": page_body(request, below),
            }
        )


def _thread_url(thread: threads.Thread, *, base: str) -> str | None:
    """The URL of the thread of the first ancestor, if there are more above it."""
    return f"{base}/api/tweets/{thread.ancestors[0].id}/thread" if thread.more_above else None


def describe_mark(
    summary: str, *, undoes: bool = False, conflicts: bool = False
) -> Callable[[Any], Any]:
    """A decorator that describes a method that changes a mark of a tweet."""
    return extend_schema(
        summary=summary,
        request=None,
        parameters=[TWEET_ID, *RATE_LIMIT_HEADERS],
        responses={
            200: presenters.TweetSerializer,
            **({204: GONE} if undoes else {}),
            **errors(401, 403, 404, *((409,) if conflicts else ()), 429),
        },
    )


def tweet_if_visible(request: Request, tweet_id: int) -> Response:
    """A response with the tweet; 204 if the viewer may not see it."""
    try:
        return tweet_response(request, tweet_id)
    except NotFound:
        return Response(status=204)


class LikeView(APIView):
    """/api/tweets/{id}/like."""

    @describe_mark("Like a tweet")
    def put(self, request: Request, tweet_id: str) -> Response:
        """Idempotent. Returns the tweet, or the original of a repost."""
        liked_id = marks.like(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        return tweet_response(request, liked_id)

    @describe_mark("Unlike a tweet", undoes=True)
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Idempotent. Returns the tweet, or the original of a repost."""
        unliked_id = marks.unlike(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        return tweet_if_visible(request, unliked_id)


class RepostView(APIView):
    """/api/tweets/{id}/repost."""

    @describe_mark("Repost a tweet")
    def put(self, request: Request, tweet_id: str) -> Response:
        """Idempotent. Returns the tweet, or the original of a repost."""
        repost = marks.repost(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        assert repost.repost_of_id is not None
        return tweet_response(request, repost.repost_of_id)

    @describe_mark("Undo a repost", undoes=True)
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Idempotent. Returns the tweet, or the original of a repost."""
        user = signed_in_user(request)
        undone_id = marks.undo_repost(user=user, tweet_id=parsed(tweet_id))
        return tweet_if_visible(request, undone_id)


class BookmarkView(APIView):
    """/api/tweets/{id}/bookmark."""

    @describe_mark("Bookmark a tweet")
    def put(self, request: Request, tweet_id: str) -> Response:
        """Idempotent. Returns the tweet, or the original of a repost. Nobody else sees it."""
        kept_id = bookmarks.add(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        return tweet_response(request, kept_id)

    @describe_mark("Remove a bookmark", undoes=True)
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Idempotent. Returns the tweet, or the original of a repost."""
        removed_id = bookmarks.remove(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        return tweet_if_visible(request, removed_id)
