"""Views for polls."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user, viewer_of
from api.idempotency import idempotent
from api.presenters.polls import PollSerializer, VoteSerializer, represent_poll
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, RATE_LIMIT_HEADERS, errors
from api.views.tweets import GONE, parsed
from chirp.errors import NotFound
from tweets.polls import voting
from tweets.polls.read import access_poll

POLL_ID = OpenApiParameter(
    "poll_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a poll, which is that of its tweet.",
)


def _poll(request: Request, poll_id: int) -> Response:
    """The response with a poll as the viewer sees it. Raises NotFound."""
    viewer = viewer_of(request)
    poll = access_poll(viewer=viewer, poll_id=poll_id)
    return Response(represent_poll(poll, signed_in=viewer is not None))


class PollView(APIView):
    """/api/polls/{id}."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="Get a poll",
        tags=["tweets"],
        parameters=[POLL_ID],
        responses={200: PollSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, poll_id: str) -> Response:
        """The poll of a tweet that the viewer may see."""
        return _poll(request, parsed(poll_id))


class VotesView(APIView):
    """/api/polls/{id}/votes."""

    @extend_schema(
        summary="Vote in a poll",
        tags=["tweets"],
        request=VoteSerializer,
        parameters=[POLL_ID, IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={200: PollSerializer, **errors(400, 401, 403, 404, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request, poll_id: str) -> Response:
        """Once. Returns a 409 for a second vote, and after the end of the poll."""
        id_, choices = parsed(poll_id), validated(VoteSerializer, request)["choices"]
        return _poll(
            request, voting.vote(user=signed_in_user(request), poll_id=id_, choices=choices)
        )

    @extend_schema(
        summary="Withdraw a vote",
        tags=["tweets"],
        request=None,
        parameters=[POLL_ID, *RATE_LIMIT_HEADERS],
        responses={
            200: PollSerializer,
            204: GONE,
            **errors(401, 403, 404, 409, 429),
        },
    )
    def delete(self, request: Request, poll_id: str) -> Response:
        """Idempotent, while the poll runs."""
        id_ = parsed(poll_id)
        voting.withdraw(user=signed_in_user(request), poll_id=id_)
        try:
            return _poll(request, id_)
        except NotFound:
            return Response(status=204)
