"""Views for threads and quotes."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.presenters.talk import NewThreadSerializer, PostedThreadSerializer
from api.presenters.tweets import TweetSerializer, represent_all
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, RATE_LIMIT_HEADERS, base_of, errors
from api.views.tweets import GONE, TWEET_ID, original_if_visible, parsed
from tweets.quotes import detach_quote
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
        return original_if_visible(request, id_)
