"""Views for conversations of direct tweets."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.pages import page_body
from api.presenters.conversations import (
    ConversationSerializer,
    ReadSerializer,
    represent_conversations,
)
from api.presenters.tweets import TweetSerializer, represent_page
from api.renderers import rendered
from api.request_fields import validated
from api.schema import (
    IDEMPOTENCY_KEY,
    PAGE_PARAMETERS,
    RATE_LIMIT_HEADERS,
    base_of,
    errors,
    page_of,
)
from api.views.tweets import parsed
from chirp.pagination import Page, PageRequest
from tweets.conversations import read
from tweets.conversations.services import mark_read

CONVERSATION_ID = OpenApiParameter(
    "conversation_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a conversation of the viewer.",
)


class ConversationsView(APIView):
    """/api/conversations."""

    @extend_schema(
        summary="Conversations of direct tweets",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ConversationSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """Those in which the viewer wrote or received direct tweets, the latest first."""
        viewer, page = signed_in_user(request), PageRequest.of(request.GET)
        found = read.conversations(viewer=viewer, page=page)
        entries = represent_conversations(found.results, base=base_of(request))
        return rendered(page_body(request, Page(entries, found.next, found.previous)))


class ConversationView(APIView):
    """/api/conversations/{id}/tweets."""

    @extend_schema(
        summary="Direct tweets of a conversation",
        parameters=[CONVERSATION_ID, *PAGE_PARAMETERS],
        responses={200: page_of(TweetSerializer), **errors(400, 401, 404)},
    )
    def get(self, request: Request, conversation_id: str) -> HttpResponse:
        """Those that the viewer may see, newest first."""
        viewer, page = signed_in_user(request), PageRequest.of(request.GET)
        id_ = parsed(conversation_id)
        found = read.direct_tweets(viewer=viewer, conversation_id=id_, page=page)
        return rendered(represent_page(request, found))


class ConversationReadView(APIView):
    """/api/conversations/{id}/read."""

    @extend_schema(
        summary="Mark a conversation as read",
        request=ReadSerializer,
        parameters=[CONVERSATION_ID, IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={
            200: ConversationSerializer,
            **errors(400, 401, 403, 404, 409, 413, 415, 429),
        },
    )
    @idempotent
    def post(self, request: Request, conversation_id: str) -> Response:
        """Up to a tweet, or to the newest. What is read stays read."""
        id_, options = parsed(conversation_id), validated(ReadSerializer, request)
        found = mark_read(user=signed_in_user(request), conversation_id=id_, **options)
        (body,) = represent_conversations([found], base=base_of(request))
        return Response(body)
