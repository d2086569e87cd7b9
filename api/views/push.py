"""Views for devices that get notifications by push services."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import sign_in_of, signed_in_user
from api.presenters import push as presenters
from api.request_fields import validated
from api.schema import RATE_LIMIT_HEADERS, errors
from chirp import ids
from chirp.errors import NotFound
from notifications.push import subscriptions
from notifications.push.subscriptions import Device

DEVICE_ID = OpenApiParameter(
    "device_id", {"type": "string", "pattern": "^[0-9]{1,16}$"}, OpenApiParameter.PATH
)


class DevicesView(APIView):
    """/api/me/push."""

    @extend_schema(
        summary="Devices that get notifications",
        responses={200: presenters.DevicesSerializer, **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """Those of all sign-ins and apps, and the key with which to subscribe another (VAPID)."""
        found = subscriptions.subscribed(user=signed_in_user(request), here=sign_in_of(request))
        return Response(presenters.represent_all(found))

    @extend_schema(
        summary="Let this device get notifications",
        request=presenters.NewDeviceSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={200: presenters.DeviceSerializer, **errors(400, 401, 403, 413, 415, 429)},
    )
    def put(self, request: Request) -> Response:
        """For as long as the sign-in lasts, which has one device: another takes its place.

        Messages are encrypted as RFC 8291 says. Each is JSON: `id`, `kind`, `title`, `body`, `icon`
        (or null), `url`, `tag`, `language`, `direction`, `created_at`. Addresses are relative to
        the site. A message takes the place of what the device shows with the same `tag`.
        """
        new = validated(presenters.NewDeviceSerializer, request)
        device = Device(new["endpoint"], **new.pop("keys"))
        here = sign_in_of(request)
        row = subscriptions.subscribe(
            user=signed_in_user(request),
            here=here,
            device=device,
            kinds=new.get("kinds"),
            policy=new.get("policy"),
        )
        return Response(presenters.represent(subscriptions.described(row, here=here)))


class DeviceView(APIView):
    """/api/me/push/{device_id}."""

    @extend_schema(
        summary="Stop notifications to a device",
        parameters=[DEVICE_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, device_id: str) -> Response:
        """It stays signed in."""
        subscription_id = ids.parse(device_id)
        if subscription_id is None:
            raise NotFound
        subscriptions.unsubscribe(user=signed_in_user(request), subscription_id=subscription_id)
        return Response(status=204)
