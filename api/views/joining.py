"""Views for invitations, and for staff that decides about new accounts."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.joining import deciding, invitations
from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.pages import page_body
from api.presenters.joining import (
    ApplicationSerializer,
    InvitationSerializer,
    NewInvitationSerializer,
    RejectionSerializer,
    represent_application,
    represent_invitation,
)
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


def _id(name: str, what: str) -> OpenApiParameter:
    pattern = {"type": "string", "pattern": "^[0-9]{1,16}$"}
    return OpenApiParameter(name, pattern, OpenApiParameter.PATH, description=f"The id of {what}.")


INVITATION_ID, APPLICATION_ID = (
    _id("invitation_id", "an invitation"),
    _id("application_id", "an account that waits"),
)


class InvitationsView(APIView):
    """/api/invitations."""

    @extend_schema(
        summary="Own invitations",
        operation_id="invitations_list",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(InvitationSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """What the viewer made, the latest first, and who came by each."""
        user, now = signed_in_user(request), timezone.now()
        found = invitations.sent_by(user=user, page=PageRequest.of(request.GET), now=now)
        shown = [represent_invitation(sent, base=base_of(request)) for sent in found.results]
        return Response(page_body(request, Page(shown, next=found.next, previous=found.previous)))

    @extend_schema(
        summary="Invite people",
        request=NewInvitationSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: InvitationSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Staff may always, others if `invitations` of `GET /api/site` says so."""
        user, now = signed_in_user(request), timezone.now()
        new = invitations.create(by=user, now=now, **validated(NewInvitationSerializer, request))
        sent = invitations.Sent(new, is_open=True, count=0, joined=[])
        return Response(represent_invitation(sent, base=base_of(request)), status=201)


class InvitationView(APIView):
    """/api/invitations/{id}."""

    @extend_schema(
        summary="An own invitation",
        parameters=[INVITATION_ID],
        responses={200: InvitationSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, invitation_id: str) -> Response:
        """Who came by it, and whether others can."""
        user, id_, now = signed_in_user(request), parsed(invitation_id), timezone.now()
        sent = invitations.sent(user=user, invitation_id=id_, now=now)
        return Response(represent_invitation(sent, base=base_of(request)))

    @extend_schema(
        summary="Revoke an invitation",
        parameters=[INVITATION_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, invitation_id: str) -> Response:
        """Nobody can come by it any more. It stays in the list. Idempotent."""
        user, id_ = signed_in_user(request), parsed(invitation_id)
        invitations.revoke(by=user, invitation_id=id_, now=timezone.now())
        return Response(status=204)


class ApplicationsView(APIView):
    """/api/staff/applications."""

    @extend_schema(
        summary="Accounts that wait",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ApplicationSerializer), **errors(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """New accounts that wait for an approval or for the confirmation of their address.

        For moderators and administrators; others get a 403.
        """
        page = deciding.applications(by=signed_in_user(request), page=PageRequest.of(request.GET))
        shown = [represent_application(row) for row in page.results]
        return Response(page_body(request, Page(shown, next=page.next, previous=page.previous)))


class ApproveView(APIView):
    """/api/staff/applications/{id}/approve."""

    @extend_schema(
        summary="Approve an account",
        parameters=[APPLICATION_ID, *RATE_LIMIT_HEADERS],
        request=None,
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def post(self, request: Request, application_id: str) -> Response:
        """The owner gets an e-mail and can sign in. A 404 if it was decided already."""
        deciding.approve(by=signed_in_user(request), user_id=parsed(application_id))
        return Response(status=204)


class RejectView(APIView):
    """/api/staff/applications/{id}/reject."""

    @extend_schema(
        summary="Reject an account",
        parameters=[APPLICATION_ID, *RATE_LIMIT_HEADERS],
        request=RejectionSerializer,
        responses={204: None, **errors(400, 401, 403, 404, 413, 415, 429)},
    )
    def post(self, request: Request, application_id: str) -> Response:
        """The account is deleted; its owner gets an e-mail. A 404 if it was decided already."""
        values = validated(RejectionSerializer, request)
        by, user_id = signed_in_user(request), parsed(application_id)
        deciding.reject(by=by, user_id=user_id, **values)
        return Response(status=204)
