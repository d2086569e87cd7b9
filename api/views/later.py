"""Views for drafts and scheduled tweets."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.pages import page_body
from api.presenters import later as presenters
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, PAGE_PARAMETERS, RATE_LIMIT_HEADERS, errors, page_of
from api.throttles import spend_for
from api.views.tweets import parsed
from chirp.pagination import Page, PageRequest
from tweets.later import drafts, scheduling

DRAFT_ID = OpenApiParameter(
    "draft_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a draft.",
)
SCHEDULED_ID = OpenApiParameter(
    "scheduled_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a scheduled tweet.",
)
WRITE_ERRORS = (400, 401, 403, 409, 413, 415, 429)


class DraftsView(APIView):
    """/api/drafts."""

    @extend_schema(
        summary="Own drafts",
        operation_id="drafts_list",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(presenters.DraftSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """The latest first."""
        page = drafts.drafts(user=signed_in_user(request), page=PageRequest.of(request.GET))
        results = [presenters.represent_draft(draft) for draft in page.results]
        return Response(page_body(request, Page(results, page.next, page.previous)))

    @extend_schema(
        summary="Keep a draft",
        request=presenters.NewDraftSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: presenters.DraftSerializer, **errors(*WRITE_ERRORS)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A tweet or a thread that is not posted yet. At most 200 for an account."""
        new = validated(presenters.NewDraftSerializer, request)
        draft = drafts.create_draft(user=signed_in_user(request), **new)
        return Response(presenters.represent_draft(draft), status=201)


class DraftView(APIView):
    """/api/drafts/{id}."""

    @extend_schema(
        summary="Get a draft",
        parameters=[DRAFT_ID],
        responses={200: presenters.DraftSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, draft_id: str) -> Response:
        """One of the viewer's drafts."""
        draft = drafts.access_draft(user=signed_in_user(request), draft_id=parsed(draft_id))
        return Response(presenters.represent_draft(draft))

    @extend_schema(
        summary="Replace a draft",
        request=presenters.NewDraftSerializer,
        parameters=[DRAFT_ID, *RATE_LIMIT_HEADERS],
        responses={200: presenters.DraftSerializer, **errors(*WRITE_ERRORS, 404)},
    )
    def put(self, request: Request, draft_id: str) -> Response:
        """Idempotent."""
        id_, new = parsed(draft_id), validated(presenters.NewDraftSerializer, request)
        draft = drafts.replace_draft(user=signed_in_user(request), draft_id=id_, **new)
        return Response(presenters.represent_draft(draft))

    @extend_schema(
        summary="Delete a draft",
        parameters=[DRAFT_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, draft_id: str) -> Response:
        """Idempotent."""
        drafts.delete_draft(user=signed_in_user(request), draft_id=parsed(draft_id))
        return Response(status=204)


class ScheduledTweetsView(APIView):
    """/api/scheduled."""

    @extend_schema(
        summary="Own scheduled tweets",
        operation_id="scheduled_list",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(presenters.ScheduledSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """Those that are not posted yet, the one that was scheduled last first."""
        page = scheduling.scheduled(user=signed_in_user(request), page=PageRequest.of(request.GET))
        results = [presenters.represent_scheduled(row) for row in page.results]
        return Response(page_body(request, Page(results, page.next, page.previous)))

    @extend_schema(
        summary="Schedule a tweet or a thread",
        request=presenters.NewScheduledSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: presenters.ScheduledSerializer, **errors(*WRITE_ERRORS)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """It is checked now and when it is due; if it cannot be posted then, it becomes a draft."""
        new = validated(presenters.NewScheduledSerializer, request)
        spend_for(request, new["tweets"])
        row = scheduling.schedule(user=signed_in_user(request), **new)
        return Response(presenters.represent_scheduled(row), status=201)


class ScheduledTweetView(APIView):
    """/api/scheduled/{id}."""

    @extend_schema(
        summary="Get a scheduled tweet",
        parameters=[SCHEDULED_ID],
        responses={200: presenters.ScheduledSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, scheduled_id: str) -> Response:
        """One of the viewer's. Returns a 404 once it is posted."""
        id_ = parsed(scheduled_id)
        row = scheduling.access_scheduled(user=signed_in_user(request), scheduled_id=id_)
        return Response(presenters.represent_scheduled(row))

    @extend_schema(
        summary="Change a scheduled tweet",
        request=presenters.ChangedScheduledSerializer,
        parameters=[SCHEDULED_ID, *RATE_LIMIT_HEADERS],
        responses={200: presenters.ScheduledSerializer, **errors(*WRITE_ERRORS, 404)},
    )
    def patch(self, request: Request, scheduled_id: str) -> Response:
        """What is posted, or when. Returns a 404 once it is posted."""
        id_, new = parsed(scheduled_id), validated(presenters.ChangedScheduledSerializer, request)
        row = scheduling.reschedule(user=signed_in_user(request), scheduled_id=id_, **new)
        return Response(presenters.represent_scheduled(row))

    @extend_schema(
        summary="Cancel a scheduled tweet",
        parameters=[SCHEDULED_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, scheduled_id: str) -> Response:
        """It is not posted. Idempotent."""
        scheduling.cancel(user=signed_in_user(request), scheduled_id=parsed(scheduled_id))
        return Response(status=204)
