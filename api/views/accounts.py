"""Views for authentication and the signed-in user's account. For other users: `people`."""

from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import deletion, registration, security_log, services, tokens
from accounts.models import User
from api.authentication import signed_in_user
from api.pages import page_body
from api.parsers import MultiPartParser, OrjsonParser
from api.presenters import credentials, security
from api.presenters import people as presenters
from api.request_fields import validated
from api.schema import PAGE_PARAMETERS, RATE_LIMIT_HEADERS, base_of, errors, page_of
from api.throttles import RegisterThrottle, SignInThrottle, TokenThrottle
from chirp.limits.addresses import client_address
from chirp.pagination import Page, PageRequest
from chirp.times import rfc3339
from media.profiles import update_profile


class Public(APIView):
    """A view without authentication, so that an invalid token does not cause a 401."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class RegisterView(Public):
    """POST /api/auth/register."""

    throttle_classes = (RegisterThrottle,)

    @extend_schema(
        summary="Register an account",
        request=presenters.RegistrationSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={
            201: presenters.RegisteredSerializer,
            202: presenters.WaitingAccountSerializer,
            **errors(400, 403, 409, 413, 415, 429),
        },
    )
    def post(self, request: Request) -> Response:
        """Create an account and sign in. A taken handle or e-mail address returns a 409.

        `GET /api/site` says who may register. Others get a 403: `registration_closed`,
        `invitation_needed` or `email_domain_not_allowed`. An account that waits, for the approval
        of staff or for the confirmation of its address, is a 202 without tokens.
        """
        data = validated(presenters.RegistrationSerializer, request)
        address = client_address(request.META)
        new = registration.sign_up(**data, now=timezone.now(), address=address)
        user, waits = new.user, new.waits
        if waits is not None:
            body = {"waits": waits.code, "message": waits.detail, "handle": user.handle}
            return Response(body, status=202)
        me = presenters.represent_me(user=user, base=base_of(request))
        return Response({"user": me, **_issue_tokens(user, request)}, status=201)


class TokenView(Public):
    """POST /api/auth/token."""

    throttle_classes = (SignInThrottle,)

    @extend_schema(
        summary="Sign in",
        request=PolymorphicProxySerializer(
            "SignIn",
            [presenters.CredentialsSerializer, credentials.SecondStepSerializer],
            resource_type_field_name=None,
        ),
        parameters=RATE_LIMIT_HEADERS,
        responses={
            200: presenters.TokenPairSerializer,
            **errors(400, 401, 413, 415, 429),
            403: OpenApiResponse(
                credentials.SignInErrorSerializer,
                description="`mfa_required`: go on with the second step. `deletion_pending`: the "
                "account is to be deleted, see `POST /api/auth/keep`. Or the account is suspended, "
                "or waits: `approval_pending`, `confirmation_pending`.",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Sign in with a handle or an e-mail address. A deactivated account is reactivated.

        If the account has a second factor, this returns a 403 with the error `mfa_required` and a
        `challenge`. Send the challenge and a code to the same address to get the tokens.

        After five wrong passwords, further tries from networks that have not signed in to this
        account before return a 429, and so it is with codes. `Retry-After` grows from one second up
        to 15 minutes.
        """
        is_second = isinstance(request.data, dict) and "challenge" in request.data
        user = (_second_step if is_second else _first_step)(request)
        return Response(_issue_tokens(user, request))


def _first_step(request: Request) -> User:
    data = validated(presenters.CredentialsSerializer, request)
    return services.sign_in(**data, now=timezone.now(), address=client_address(request.META))


def _second_step(request: Request) -> User:
    data = validated(credentials.SecondStepSerializer, request)
    address, now = client_address(request.META), timezone.now()
    return services.finish_sign_in(**data, now=now, address=address)


class RefreshView(Public):
    """POST /api/auth/refresh."""

    throttle_classes = (TokenThrottle,)

    @extend_schema(
        summary="Refresh tokens",
        request=presenters.RefreshSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={200: presenters.TokenPairSerializer, **errors(400, 401, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair. Using it twice revokes the whole sign-in."""
        data = validated(presenters.RefreshSerializer, request)
        address = client_address(request.META)
        return Response(_pair(tokens.rotate(**data, now=timezone.now(), address=address)))


class LogoutView(Public):
    """POST /api/auth/logout."""

    throttle_classes = (TokenThrottle,)

    @extend_schema(
        summary="Sign out",
        request=presenters.RefreshSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={204: None, **errors(400, 401, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Revoke a refresh token. The access token stays valid until it expires in ten minutes."""
        data = validated(presenters.RefreshSerializer, request)
        tokens.revoke(**data, address=client_address(request.META))
        return Response(status=204)


def _issue_tokens(user: User, request: Request) -> dict[str, str]:
    agent, address = request.headers.get("User-Agent", ""), client_address(request.META)
    return _pair(tokens.issue(user=user, now=timezone.now(), agent=agent, address=address))


def _pair(pair: tokens.TokenPair) -> dict[str, str]:
    return {"access": pair.access, "refresh": pair.refresh}


class KeysView(Public):
    """GET /.well-known/jwks.json."""

    throttle_classes = ()

    @extend_schema(
        summary="Public keys of access tokens",
        tags=["auth"],
        responses={200: presenters.KeySetSerializer},
    )
    def get(self, request: Request) -> Response:
        """A JSON Web Key Set (RFC 7517), to verify access tokens with.

        A valid one has the issuer (`iss`) `chirp` and the audience (`aud`) `chirp-api`.
        """
        return Response(tokens.jwks(), headers={"Cache-Control": "public, max-age=3600"})


class MeView(APIView):
    """/api/me."""

    parser_classes = (OrjsonParser, MultiPartParser)

    @extend_schema(
        summary="Account of the signed-in user",
        responses={200: presenters.MeSerializer, **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """The public profile, and private fields such as the e-mail address."""
        return Response(
            presenters.represent_me(user=signed_in_user(request), base=base_of(request))
        )

    @extend_schema(
        summary="Update the profile",
        request={
            "application/json": presenters.ProfileChangesSerializer,
            "multipart/form-data": presenters.ProfileFormSerializer,
        },
        parameters=RATE_LIMIT_HEADERS,
        responses={200: presenters.MeSerializer, **errors(400, 401, 403, 413, 415, 429)},
    )
    def patch(self, request: Request) -> Response:
        """Update the given fields. Omitted fields keep their values.

        A new avatar or header is sent in a form, and shown when it is processed.
        """
        is_form = isinstance(request.data, QueryDict)
        wanted = (
            presenters.ProfileFormSerializer if is_form else presenters.ProfileChangesSerializer
        )
        user = update_profile(user=signed_in_user(request), **validated(wanted, request))
        return Response(presenters.represent_me(user=user, base=base_of(request)))

    @extend_schema(
        summary="Delete the account",
        request=presenters.ProofSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={
            200: presenters.PendingDeletionSerializer,
            **errors(400, 401, 403, 413, 415, 429),
        },
    )
    def delete(self, request: Request) -> Response:
        """Hide the account at once, sign out everywhere, and delete all of it after 30 days.

        Until then, signing in returns a 403 with the error `deletion_pending`, and a `challenge`
        with which `POST /api/auth/keep` cancels the deletion. After five wrong passwords, further
        tries return a 429, as at sign-in.
        """
        due = deletion.ask(
            user=signed_in_user(request),
            **validated(presenters.ProofSerializer, request),
            now=timezone.now(),
            address=client_address(request.META),
        )
        return Response({"delete_at": rfc3339(due)})


class KeepView(Public):
    """POST /api/auth/keep."""

    throttle_classes = (SignInThrottle,)

    @extend_schema(
        summary="Keep an account that is to be deleted",
        tags=["auth"],
        request=credentials.KeepSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={200: presenters.TokenPairSerializer, **errors(400, 401, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Cancel the deletion, and sign in. Everything is back as it was.

        The `challenge` is from the answer to a sign-in, and valid for ten minutes.
        """
        data = validated(credentials.KeepSerializer, request)
        address = client_address(request.META)
        user = deletion.keep(**data, now=timezone.now(), address=address)
        return Response(_issue_tokens(user, request))


class DeactivateView(APIView):
    """POST /api/me/deactivate."""

    @extend_schema(
        summary="Deactivate the account",
        request=presenters.PasswordSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={204: None, **errors(400, 401, 403, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Hide the account and its tweets, and sign out everywhere. Undone by signing in again.

        After five wrong passwords, further tries return a 429, as at sign-in.
        """
        services.deactivate(
            user=signed_in_user(request),
            **validated(presenters.PasswordSerializer, request),
            now=timezone.now(),
            address=client_address(request.META),
        )
        return Response(status=204)


class SecurityView(APIView):
    """GET /api/me/security."""

    @extend_schema(
        summary="Security log of the account",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(security.SecurityEventSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """Sign-ins, failed sign-ins, and changes of the last 90 days, the latest first."""
        page = PageRequest.of(request.GET)
        found = security_log.events(user=signed_in_user(request), page=page)
        shown = [security.represent(event) for event in found.results]
        return Response(page_body(request, Page(shown, next=found.next, previous=found.previous)))
