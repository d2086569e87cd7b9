"""Views for e-mail addresses and forgotten passwords."""

from dataclasses import asdict

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import emails, recovery
from api.authentication import signed_in_user
from api.presenters import credentials as presenters
from api.request_fields import validated
from api.schema import RATE_LIMIT_HEADERS, errors
from api.throttles import MailThrottle, SignInThrottle
from api.views.accounts import Public
from chirp.limits.addresses import client_address

STATE = {200: presenters.EmailStateSerializer}


class PasswordLinkView(Public):
    """POST /api/auth/password."""

    throttle_classes = (MailThrottle,)

    @extend_schema(
        summary="Ask for a link to set a new password",
        tags=["auth"],
        request=presenters.LoginSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={204: None, **errors(400, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Send an e-mail to the address of the account. Returns 204 whether there is one or not."""
        recovery.ask(**validated(presenters.LoginSerializer, request), now=timezone.now())
        return Response(status=204)


class SetPasswordView(Public):
    """POST /api/auth/password/set."""

    throttle_classes = (SignInThrottle,)

    @extend_schema(
        summary="Set a new password",
        tags=["auth"],
        request=presenters.NewPasswordSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={204: None, **errors(400, 404, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Set the password by the token of a link, and end all sessions and tokens.

        A token that is too old, or was used before, returns a 404. Then sign in as usual: this
        does not replace a second factor.
        """
        data = validated(presenters.NewPasswordSerializer, request)
        address = client_address(request.META)
        recovery.set_password(token=data["token"], new=data["password"], address=address)
        return Response(status=204)


class EmailView(APIView):
    """/api/me/email."""

    @extend_schema(summary="E-mail address of the account", responses={**STATE, **errors(401)})
    def get(self, request: Request) -> Response:
        """The address, whether it is confirmed, and the one that is to replace it."""
        return Response(asdict(emails.state(user=signed_in_user(request))))

    @extend_schema(
        summary="Change the e-mail address",
        request=presenters.EmailChangeSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={**STATE, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    def put(self, request: Request) -> Response:
        """Send a link and a code to the new address, which replaces the old one when confirmed.

        The old address is told then.
        """
        state = emails.change(
            user=signed_in_user(request),
            **validated(presenters.EmailChangeSerializer, request),
            now=timezone.now(),
            address=client_address(request.META),
        )
        return Response(asdict(state))

    @extend_schema(
        summary="Keep the e-mail address",
        parameters=RATE_LIMIT_HEADERS,
        responses={**STATE, **errors(401, 403, 429)},
    )
    def delete(self, request: Request) -> Response:
        """Forget the address that was to replace the present one. Idempotent."""
        return Response(asdict(emails.cancel_change(user=signed_in_user(request))))


class SendConfirmationView(APIView):
    """POST /api/me/email/send."""

    @extend_schema(
        summary="Send the confirmation again",
        request=None,
        parameters=RATE_LIMIT_HEADERS,
        responses={204: None, **errors(401, 403, 409, 429)},
    )
    def post(self, request: Request) -> Response:
        """Send a link and a code to the address that is not confirmed; 409 if there is none."""
        emails.ask_to_confirm(user=signed_in_user(request), now=timezone.now())
        return Response(status=204)


class ConfirmView(APIView):
    """POST /api/me/email/confirm."""

    @extend_schema(
        summary="Confirm the e-mail address",
        request=presenters.CodeSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={**STATE, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Confirm the address by the code of the e-mail."""
        state = emails.confirm_by_code(
            user=signed_in_user(request),
            **validated(presenters.CodeSerializer, request),
            now=timezone.now(),
            address=client_address(request.META),
        )
        return Response(asdict(state))
