"""Views for the places where the signed-in user is signed in."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import sessions, tokens
from accounts.sessions import Here
from api.authentication import signed_in_user
from api.presenters.sessions import SessionSerializer, represent
from api.schema import RATE_LIMIT_HEADERS, errors, page_of
from chirp.limits.addresses import client_address

SESSION_ID = OpenApiParameter(
    "session_id",
    {"type": "string", "pattern": "^[0-9a-f-]{1,36}$"},
    OpenApiParameter.PATH,
    description="The id of a sign-in, as the list has it.",
)


class SessionsView(APIView):
    """/api/me/sessions."""

    @extend_schema(
        summary="Where the account is signed in",
        responses={200: page_of(SessionSerializer), **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """Sessions of the site and sign-ins through the API, in one page: the current one first.

        Apps that may use the account are not among them.
        """
        user, here = signed_in_user(request), _here(request)
        found = sessions.sign_ins(user=user, here=here, now=timezone.now())
        shown = [represent(sign_in) for sign_in in found]
        return Response({"results": shown, "next": None, "previous": None})

    @extend_schema(
        operation_id="me_sessions_destroy_others",
        summary="Sign out everywhere else",
        parameters=RATE_LIMIT_HEADERS,
        responses={204: None, **errors(401, 403, 429)},
    )
    def delete(self, request: Request) -> Response:
        """End all sign-ins but the one that asks. Access tokens live out their ten minutes."""
        user, address = signed_in_user(request), client_address(request.META)
        sessions.end_others(user=user, here=_here(request), address=address)
        return Response(status=204)


class SessionView(APIView):
    """/api/me/sessions/{session_id}."""

    @extend_schema(
        summary="Sign out elsewhere",
        parameters=[SESSION_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, session_id: str) -> Response:
        """End one sign-in. Its access token lives out its ten minutes."""
        user, address = signed_in_user(request), client_address(request.META)
        sessions.end(user=user, sign_in_id=session_id, address=address)
        return Response(status=204)


def _here(request: Request) -> Here:
    if request.auth:
        return Here(family=tokens.family_of(access=str(request.auth)))
    return Here(session_key=request.session.session_key or "")
