"""Views for the second factors of the signed-in user."""

from dataclasses import asdict

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import factor_changes, factors
from api.authentication import signed_in_user
from api.presenters import credentials as presenters
from api.presenters.people import ProofSerializer
from api.request_fields import validated
from api.schema import RATE_LIMIT_HEADERS, errors
from chirp import ids
from chirp.limits.addresses import client_address

NOBODY = 0  # an id that no factor has
CODES = {200: presenters.RecoveryCodesSerializer}


class FactorsView(APIView):
    """GET /api/me/factors."""

    @extend_schema(
        summary="Second factors of the account",
        responses={200: presenters.FactorsSerializer, **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """The authenticator app, the passkeys and the number of recovery codes.

        Passkeys are added on the site, in a browser.
        """
        found = factors.factors(user=signed_in_user(request))
        return Response(presenters.represent_factors(found))


class AppView(APIView):
    """POST /api/me/factors/app."""

    @extend_schema(
        summary="Set up an authenticator app",
        request=ProofSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={
            200: presenters.AppSetupSerializer,
            **errors(400, 401, 403, 409, 413, 415, 429),
        },
    )
    def post(self, request: Request) -> Response:
        """Get the secret for a new app (TOTP, RFC 6238). Nothing changes before it is confirmed.

        A 409 if there is an app already.
        """
        begun = factor_changes.begin_app(
            user=signed_in_user(request),
            **validated(ProofSerializer, request),
            now=timezone.now(),
            address=client_address(request.META),
        )
        return Response(asdict(begun))


class AppConfirmationView(APIView):
    """POST /api/me/factors/app/confirm."""

    @extend_schema(
        summary="Confirm an authenticator app",
        request=presenters.AppConfirmationSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={**CODES, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Turn the app on, by a code that it shows. From then on sign-ins need a second step.

        Returns new recovery codes, which are not shown again, unless the account has some. After
        many wrong codes, further tries return a 429.
        """
        codes = factor_changes.confirm_app(
            user=signed_in_user(request),
            **validated(presenters.AppConfirmationSerializer, request),
            now=timezone.now(),
            address=client_address(request.META),
        )
        return _codes(codes)


class RemovalView(APIView):
    """POST /api/me/factors/{factor_id}/remove."""

    @extend_schema(
        summary="Remove a second factor",
        request=ProofSerializer,
        parameters=[
            OpenApiParameter(
                "factor_id",
                {"type": "string", "pattern": "^[0-9]{1,16}$"},
                OpenApiParameter.PATH,
                description="The id of the authenticator app or of a passkey.",
            ),
            *RATE_LIMIT_HEADERS,
        ],
        responses={204: None, **errors(400, 401, 403, 404, 409, 413, 415, 429)},
    )
    def post(self, request: Request, factor_id: str) -> Response:
        """Remove an authenticator app or a passkey. With the last one go the recovery codes.

        A 409, `only_way_in`, for a passkey without which nobody could sign in any more.
        """
        factor_changes.remove(
            user=signed_in_user(request),
            **validated(ProofSerializer, request),
            factor_id=ids.parse(factor_id) or NOBODY,
            now=timezone.now(),
            address=client_address(request.META),
        )
        return Response(status=204)


class RecoveryCodesView(APIView):
    """POST /api/me/factors/recovery-codes."""

    @extend_schema(
        summary="Replace the recovery codes",
        request=ProofSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={**CODES, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Get ten new recovery codes. Earlier ones are of no use any more."""
        codes = factor_changes.new_recovery_codes(
            user=signed_in_user(request),
            **validated(ProofSerializer, request),
            now=timezone.now(),
            address=client_address(request.META),
        )
        return _codes(codes)


def _codes(codes: list[str]) -> Response:
    return Response({"recovery_codes": codes})
