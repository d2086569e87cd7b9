"""Views for reports of the viewer, and for decisions of the moderators against the viewer."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.pages import page_body
from api.presenters.moderation import (
    NewAppealSerializer,
    NewReportSerializer,
    ReportSerializer,
    StrikeSerializer,
    represent_report,
    represent_strike,
)
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, PAGE_PARAMETERS, RATE_LIMIT_HEADERS, errors, page_of
from api.throttles import ReadThrottle, ReportThrottle
from api.views.tweets import parsed
from chirp.pagination import Page, PageRequest
from moderation import appeals, reporting, selectors
from people.selectors import access_user

STRIKE_ID = OpenApiParameter(
    "strike_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a strike.",
)


class ReportsView(APIView):
    """/api/reports."""

    throttle_classes = (ReadThrottle, ReportThrottle)

    @extend_schema(
        summary="Own reports",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ReportSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """What the viewer reported, the latest first, and what became of it."""
        page = selectors.reports_of(
            reporter=signed_in_user(request), page=PageRequest.of(request.GET)
        )
        return _page(request, page, represent_report)

    @extend_schema(
        summary="Report an account or tweets",
        request=NewReportSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: ReportSerializer, **errors(400, 401, 403, 404, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """The moderators get copies of the tweets as they are now.

        Reporting an account again before they have decided, in the same category, adds to the first
        report, which is the response.
        """
        reporter = signed_in_user(request)
        new: dict[str, Any] = validated(NewReportSerializer, request)
        handle = new.pop("handle", None)
        account = access_user(viewer=reporter, handle=handle) if handle is not None else None
        report = reporting.report(reporter=reporter, account=account, **new)
        return Response(represent_report(report), status=201)


class StrikesView(APIView):
    """/api/me/strikes."""

    @extend_schema(
        summary="Decisions against the viewer",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(StrikeSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """What the moderators decided against the viewer's account, the latest first."""
        page = selectors.strikes_of(user=signed_in_user(request), page=PageRequest.of(request.GET))
        return _page(request, page, represent_strike)


class AppealView(APIView):
    """/api/me/strikes/{id}/appeal."""

    @extend_schema(
        summary="Appeal against a decision",
        request=NewAppealSerializer,
        parameters=[STRIKE_ID, IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: StrikeSerializer, **errors(400, 401, 403, 404, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request, strike_id: str) -> Response:
        """Once for each decision. A moderator accepts it, which takes the decision back, or not."""
        user, id_ = signed_in_user(request), parsed(strike_id)
        text = validated(NewAppealSerializer, request)["text"]
        strike = appeals.appeal(user=user, strike_id=id_, text=text)
        return Response(represent_strike(strike), status=201)


def _page(request: Request, page: Page[Any], represent: Any) -> Response:
    results = [represent(each) for each in page.results]
    return Response(page_body(request, Page(results, page.next, page.previous)))
