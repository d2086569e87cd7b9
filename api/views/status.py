"""View for the status of the service."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chirp.times import rfc3339
from operations.status import POSTS, STATES, VERDICTS, Part, Status, status_cache

PART_STATES = (
    "`up`; `partly`: some of several machines send no heartbeats; `away`: down; `unknown`: the "
    "state cannot be read while the database is down."
)


class StatusPartSerializer(serializers.Serializer[Any]):
    """A component of the site, or a location server."""

    name = serializers.CharField(
        help_text="`web`, `database`, `replicas`, `timelines`, `queue`, `relay`, `scheduler`, or "
        "`worker-` and the name of a worker; for a location server, its name."
    )
    state = serializers.ChoiceField(choices=STATES, help_text=PART_STATES)


class StatusPostsSerializer(serializers.Serializer[Any]):
    """The delivery of new posts."""

    state = serializers.ChoiceField(
        choices=POSTS, help_text="`late`: a post has been waiting for more than ten seconds."
    )
    oldest_seconds = serializers.FloatField(
        allow_null=True,
        help_text="Age in seconds of the oldest post that is not delivered to all timelines; 0 if "
        "all are delivered, null if unknown.",
    )


class StatusSerializer(serializers.Serializer[Any]):
    """The status of the service, at most one second old."""

    status = serializers.ChoiceField(
        choices=VERDICTS,
        help_text="`well`; `partly`: working, but some machines are down; `unwell`: a component is "
        "down or unknown, or posts are late.",
    )
    checked_at = serializers.DateTimeField(help_text="When the check ran.")
    parts = StatusPartSerializer(many=True, help_text="All components of the site.")
    posts = StatusPostsSerializer(help_text="Delivery of new posts.")
    herd = StatusPartSerializer(
        many=True, allow_null=True, help_text="The location servers; null if none are configured."
    )


class StatusView(APIView):
    """GET /api/status."""

    # The viewer does not matter here, and loading the user would need Postgres.
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()  # monitoring asks often, also while Redis is unavailable

    @extend_schema(
        operation_id="site_status",
        summary="Service status",
        description="The state of each component, and the delivery of posts. The response code is "
        "200 even if a component is down; see `status`.",
        tags=["status"],
        responses={200: StatusSerializer},
    )
    def get(self, request: Request) -> Response:
        """The latest status check. Works even if any other component is down."""
        return Response(represent(status_cache.status()), headers={"Cache-Control": "no-store"})


def represent(status: Status) -> dict[str, Any]:
    """The JSON of a status check."""
    return {
        "status": status.verdict,
        "checked_at": rfc3339(status.at),
        "parts": _parts(status.parts),
        "posts": {
            "state": status.posts,
            "oldest_seconds": None if status.waited is None else round(status.waited, 3),
        },
        "herd": None if status.herd is None else _parts(status.herd),
    }


def _parts(parts: tuple[Part, ...]) -> list[dict[str, str]]:
    return [{"name": part.key, "state": part.state} for part in parts]
