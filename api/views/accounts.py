"""The API of sign-in and of one's own account. Other people are in `api.views.people`."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services, tokens
from accounts.models import User
from api.authentication import signed_in_user
from api.presenters import people as presenters
from api.request_fields import validated
from api.schema import RATE_LIMIT_HEADERS, base_of, errors
from api.throttles import RegisterThrottle, SignInThrottle
from people.profile import update_profile


class Public(APIView):
    """For everybody, also those who cannot sign in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class RegisterView(Public):
    """POST /api/auth/register"""

    throttle_classes = (RegisterThrottle,)

    @extend_schema(
        summary="Make an account",
        request=presenters.RegistrationSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={201: presenters.RegisteredSerializer, **errors(400, 409, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Make an account and sign it in. A taken handle or e-mail address is a 409."""
        user = services.register(**validated(presenters.RegistrationSerializer, request))
        me = presenters.represent_me(user=user, base=base_of(request))
        return Response({"user": me, **_signed_in(user)}, status=201)


class TokenView(Public):
    """POST /api/auth/token"""

    throttle_classes = (SignInThrottle,)

    @extend_schema(
        summary="Sign in",
        request=presenters.CredentialsSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={200: presenters.TokenPairSerializer, **errors(400, 401, 403, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Sign in by handle or e-mail address. Whoever deactivated their account comes back."""
        credentials = validated(presenters.CredentialsSerializer, request)
        return Response(_signed_in(services.sign_in(**credentials, now=timezone.now())))


class RefreshView(Public):
    """POST /api/auth/refresh"""

    throttle_classes = ()

    @extend_schema(
        summary="The next pair of tokens",
        request=presenters.RefreshSerializer,
        responses={200: presenters.TokenPairSerializer, **errors(400, 401, 413, 415)},
    )
    def post(self, request: Request) -> Response:
        """Use a refresh token, once. Using it twice ends the sign-in it belongs to."""
        wanted = validated(presenters.RefreshSerializer, request)
        return Response(_pair(tokens.rotate(**wanted, now=timezone.now())))


class LogoutView(Public):
    """POST /api/auth/logout"""

    throttle_classes = ()

    @extend_schema(
        summary="Sign out",
        request=presenters.RefreshSerializer,
        responses={204: None, **errors(400, 401, 413, 415)},
    )
    def post(self, request: Request) -> Response:
        """End the sign-in of a refresh token; its access token lives out its ten minutes."""
        tokens.revoke(**validated(presenters.RefreshSerializer, request))
        return Response(status=204)


def _signed_in(user: User) -> dict[str, str]:
    return _pair(tokens.issue(user=user, now=timezone.now()))


def _pair(pair: tokens.TokenPair) -> dict[str, str]:
    return {"access": pair.access, "refresh": pair.refresh}


class KeysView(Public):
    """GET /.well-known/jwks.json"""

    throttle_classes = ()

    @extend_schema(
        summary="The public keys that tokens are checked with",
        tags=["auth"],
        responses={200: presenters.KeySetSerializer},
    )
    def get(self, request: Request) -> Response:
        """A JSON Web Key Set (RFC 7517)."""
        return Response(tokens.jwks(), headers={"Cache-Control": "public, max-age=3600"})


class MeView(APIView):
    """/api/me"""

    @extend_schema(
        summary="One's own account", responses={200: presenters.MeSerializer, **errors(401)}
    )
    def get(self, request: Request) -> Response:
        """The profile, and what only oneself sees."""
        return Response(
            presenters.represent_me(user=signed_in_user(request), base=base_of(request))
        )

    @extend_schema(
        summary="Change one's profile",
        request=presenters.ProfileChangesSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={200: presenters.MeSerializer, **errors(400, 401, 403, 413, 415, 429)},
    )
    def patch(self, request: Request) -> Response:
        """Change what is given and leave the rest."""
        changes = validated(presenters.ProfileChangesSerializer, request)
        user = update_profile(user=signed_in_user(request), changes=changes)
        return Response(presenters.represent_me(user=user, base=base_of(request)))


class DeactivateView(APIView):
    """POST /api/me/deactivate"""

    @extend_schema(
        summary="Deactivate one's account",
        request=presenters.PasswordSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={204: None, **errors(400, 401, 403, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Hide everything and sign out everywhere. Signing in within 30 days undoes it."""
        services.deactivate(
            user=signed_in_user(request),
            **validated(presenters.PasswordSerializer, request),
            now=timezone.now(),
        )
        return Response(status=204)
