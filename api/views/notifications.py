"""Views for notifications, their settings, and read positions."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.presenters import notifications as presenters
from api.renderers import rendered
from api.request_fields import validated
from api.schema import HANDLE, PAGE_PARAMETERS, RATE_LIMIT_HEADERS, errors, page_of
from chirp.errors import NotFound
from chirp.pagination import PageRequest
from notifications import markers, preferences, selectors
from notifications.kinds import Kind, parse_kinds
from people.selectors import access_related_user, access_user

KINDS = OpenApiParameter(
    "kinds",
    {"type": "string", "pattern": "^({0})(,({0}))*$".format("|".join(Kind))},
    description="Only these kinds, separated by commas.",
)
MARKER = OpenApiParameter(
    "name", {"type": "string", "enum": markers.Name.values}, OpenApiParameter.PATH
)


class NotificationsView(APIView):
    """GET /api/notifications."""

    @extend_schema(
        operation_id="notifications_list",
        summary="Notifications",
        parameters=[KINDS, *PAGE_PARAMETERS],
        responses={200: page_of(presenters.NotificationSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """What concerns the viewer, the latest first. What is alike is grouped.

        Reading changes nothing: see `POST /api/notifications/read`.
        """
        viewer, kinds = signed_in_user(request), parse_kinds(request.GET.get("kinds"))
        page = selectors.notifications(viewer=viewer, page=PageRequest.of(request.GET), kinds=kinds)
        return rendered(presenters.represent_items(request, page, viewer=viewer))


class UnreadView(APIView):
    """GET /api/notifications/unread."""

    @extend_schema(
        summary="Number of unread notifications",
        responses={200: presenters.UnreadSerializer, **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """The number of groups that changed since the read position, counted up to 100."""
        return Response({"count": selectors.unread(user_id=signed_in_user(request).pk)})


class ReadView(APIView):
    """POST /api/notifications/read."""

    @extend_schema(
        summary="Mark notifications as read",
        request=presenters.ReadUpToSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={200: presenters.UnreadSerializer, **errors(400, 401, 403, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Move the read position forward, and return the number that is still unread."""
        viewer = signed_in_user(request)
        markers.read_notifications(user=viewer, **validated(presenters.ReadUpToSerializer, request))
        return Response({"count": selectors.unread(user_id=viewer.pk)})


class StrangersView(APIView):
    """GET /api/notifications/requests."""

    @extend_schema(
        summary="Strangers whose notifications are filtered",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(presenters.NotificationRequestSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> HttpResponse:
        """Accounts that the viewer does not follow, the latest first."""
        viewer = signed_in_user(request)
        page = selectors.requests(viewer=viewer, page=PageRequest.of(request.GET))
        return rendered(presenters.represent_strangers(request, page, viewer=viewer))


class StrangerView(APIView):
    """/api/notifications/requests/{handle}."""

    @extend_schema(
        summary="Accept the notifications of a stranger",
        request=None,
        parameters=[HANDLE, *RATE_LIMIT_HEADERS],
        responses={200: presenters.DecisionSerializer, **errors(400, 401, 403, 404, 429)},
    )
    def put(self, request: Request, handle: str) -> Response:
        """Show those that were filtered, and all later ones."""
        viewer = signed_in_user(request)
        actor = access_user(viewer=viewer, handle=handle)
        decided = preferences.accept_stranger(user=viewer, actor=actor)
        return Response(presenters.represent_decision(decided))

    @extend_schema(
        summary="Dismiss the notifications of a stranger",
        parameters=[HANDLE, *RATE_LIMIT_HEADERS],
        responses={200: presenters.DecisionSerializer, **errors(400, 401, 403, 404, 429)},
    )
    def delete(self, request: Request, handle: str) -> Response:
        """Remove the stranger from the requests until there is something new."""
        viewer = signed_in_user(request)
        actor = access_related_user(viewer=viewer, handle=handle)
        decided = preferences.dismiss_stranger(user=viewer, actor=actor)
        return Response(presenters.represent_decision(decided))


class MarkerView(APIView):
    """/api/markers/{name}."""

    @extend_schema(
        summary="Read position",
        parameters=[MARKER],
        responses={200: presenters.MarkerSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, name: str) -> Response:
        """How far the viewer has read a list, on any device."""
        found = markers.marker(user=signed_in_user(request), name=_known(name))
        return Response(presenters.represent_marker(name, found))

    @extend_schema(
        summary="Move a read position",
        request=presenters.NewMarkerSerializer,
        parameters=[MARKER, *RATE_LIMIT_HEADERS],
        responses={
            200: presenters.MarkerSerializer,
            **errors(400, 401, 403, 404, 413, 415, 429),
        },
    )
    def put(self, request: Request, name: str) -> Response:
        """It only moves forward, unless `back` is true. The answer is the one that holds now."""
        new = validated(presenters.NewMarkerSerializer, request)
        moved = markers.move(user=signed_in_user(request), name=_known(name), **new)
        return Response(presenters.represent_marker(name, moved))


def _known(name: str) -> str:
    if name not in markers.Name.values:
        raise NotFound
    return name


class NotificationSettingsView(APIView):
    """/api/me/notification-settings."""

    @extend_schema(
        summary="Notification settings",
        responses={200: presenters.NotificationSettingsSerializer, **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """What the viewer hears of, on the site and by e-mail."""
        found = preferences.preferences(user=signed_in_user(request))
        return Response(presenters.represent_settings(found))

    @extend_schema(
        summary="Change notification settings",
        request=presenters.NotificationSettingsChangesSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={
            200: presenters.NotificationSettingsSerializer,
            **errors(400, 401, 403, 413, 415, 429),
        },
    )
    def patch(self, request: Request) -> Response:
        """Changes are about later notifications. Those from moderators cannot be turned off."""
        changes = validated(presenters.NotificationSettingsChangesSerializer, request)
        changed = preferences.change(user=signed_in_user(request), **changes)
        return Response(presenters.represent_settings(changed))
