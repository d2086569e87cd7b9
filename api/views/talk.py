"""Views for threads."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.presenters.talk import NewThreadSerializer, PostedThreadSerializer
from api.presenters.tweets import represent_all
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, RATE_LIMIT_HEADERS, base_of, errors
from tweets.read.access import access_tweets
from tweets.threads import post_thread


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
