"""Views for threads, quotes, pins and muted conversations."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user, viewer_of
from api.idempotency import idempotent
from api.presenters.talk import NewThreadSerializer, PinnedSerializer, PostedThreadSerializer
from api.presenters.tweets import TweetSerializer, represent_all
from api.request_fields import validated
from api.schema import HANDLE, IDEMPOTENCY_KEY, RATE_LIMIT_HEADERS, base_of, errors
from api.throttles import spend_for
from api.views.tweets import (
    GONE,
    TWEET_ID,
    describe_mark,
    parsed,
    tweet_if_visible,
    tweet_response,
)
from people.selectors import access_user
from tweets import pins
from tweets.conversation_mutes import mute_conversation, unmute_conversation
from tweets.quotes import detach_quote
from tweets.read import lists
from tweets.read.access import access_tweets
from tweets.threads import post_thread

QUOTE_ID = OpenApiParameter(
    "quote_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a tweet that quotes it.",
)


class ThreadsView(APIView):
    """/api/threads."""

    @extend_schema(
        summary="Post a thread",
        tags=["tweets"],
        request=NewThreadSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: PostedThreadSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Several tweets, each of which answers the one before. Either all are posted or none."""
        author, new = signed_in_user(request), validated(NewThreadSerializer, request)
        spend_for(request, new["tweets"])
        posted = post_thread(author=author, tweets=new["tweets"])
        found = access_tweets(viewer=author, tweet_ids=[tweet.pk for tweet in posted])
        body = {"tweets": represent_all(found, base=base_of(request))}
        return Response(body, status=201)


class QuoteView(APIView):
    """/api/tweets/{id}/quotes/{quote_id}."""

    @extend_schema(
        summary="Detach a tweet from a quote",
        request=None,
        parameters=[TWEET_ID, QUOTE_ID, *RATE_LIMIT_HEADERS],
        responses={200: TweetSerializer, 204: GONE, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, tweet_id: str, quote_id: str) -> Response:
        """The quote no longer shows the viewer's tweet to anybody. Idempotent."""
        id_, quote = parsed(tweet_id), parsed(quote_id)
        detach_quote(author=signed_in_user(request), quote_id=quote, tweet_id=id_)
        return tweet_if_visible(request, id_)


class ConversationMuteView(APIView):
    """/api/tweets/{id}/mute."""

    @describe_mark("Mute a conversation")
    def put(self, request: Request, tweet_id: str) -> Response:
        """The viewer gets no notifications of what happens in it. Idempotent."""
        id_ = mute_conversation(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        return tweet_response(request, id_)

    @describe_mark("Unmute a conversation", undoes=True)
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Idempotent."""
        id_ = parsed(tweet_id)
        unmute_conversation(user=signed_in_user(request), tweet_id=id_)
        return tweet_if_visible(request, id_)


class PinView(APIView):
    """/api/tweets/{id}/pin."""

    @describe_mark("Pin a tweet to the profile", conflicts=True)
    def put(self, request: Request, tweet_id: str) -> Response:
        """One's own tweets, up to five: a further one is a 409. Idempotent."""
        return tweet_response(
            request, pins.pin(user=signed_in_user(request), tweet_id=parsed(tweet_id))
        )

    @describe_mark("Unpin a tweet", undoes=True)
    def delete(self, request: Request, tweet_id: str) -> Response:
        """Idempotent."""
        id_ = parsed(tweet_id)
        pins.unpin(user=signed_in_user(request), tweet_id=id_)
        return tweet_if_visible(request, id_)


class PinnedView(APIView):
    """/api/users/{handle}/pinned."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Pinned tweets of a user",
        parameters=[HANDLE],
        responses={200: PinnedSerializer, **errors(401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """At most five tweets, the latest pin first. They are also among all other tweets."""
        viewer = viewer_of(request)
        user = access_user(viewer=viewer, handle=handle)
        found = lists.pinned(viewer=viewer, user=user)
        return Response({"results": represent_all(found, base=base_of(request))})
