"""The API's word on how Chirp is."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.times import rfc3339
from operations.status import POSTS, STATES, VERDICTS, Part, Status, status_cache

PART_STATES = (
    "`up`; `partly`: of several machines some have fallen silent; `away`; `unknown`: what would "
    "know it is away."
)


class StatusPartSerializer(serializers.Serializer[Any]):
    """A part of the site, or a server of the herd."""

    name = serializers.CharField(
        help_text="`web`, `database`, `timelines`, `queue`, `relay`, `worker-` and its name, "
        "`scheduler`; of the herd, the server's name."
    )
    state = serializers.ChoiceField(choices=STATES, help_text=PART_STATES)


class StatusPostsSerializer(serializers.Serializer[Any]):
    """Whether new posts arrive."""

    state = serializers.ChoiceField(
        choices=POSTS, help_text="`late`: one waits for more than ten seconds."
    )
    oldest_seconds = serializers.FloatField(
        allow_null=True,
        help_text="How long the oldest post has waited that has not arrived everywhere; 0 without "
        "one, null when nobody can tell.",
    )


class StatusSerializer(serializers.Serializer[Any]):
    """How Chirp is, as of a second ago at most."""

    status = serializers.ChoiceField(
        choices=VERDICTS,
        help_text="`well`; `partly`: it works with fewer machines than usual; `unwell`: a part is "
        "away, or posts are late.",
    )
    checked_at = serializers.DateTimeField(help_text="When somebody looked.")
    parts = StatusPartSerializer(many=True, help_text="Every part.")
    posts = StatusPostsSerializer(help_text="Whether they arrive.")
    herd = StatusPartSerializer(
        many=True, allow_null=True, help_text="The location servers; null where there are none."
    )


class StatusView(APIView):
    """GET /api/status"""

    # Who asks does not matter, and would have to be asked of Postgres.
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="site_status",
        summary="How Chirp is",
        description="Which parts are there, and whether posts arrive. The status is 200 also when "
        "something is wrong: then `status` says so.",
        tags=["status"],
        responses={200: StatusSerializer},
    )
    def get(self, request: Request) -> Response:
        """For everybody, whatever part is away."""
        return Response(represent(status_cache.status()), headers={"Cache-Control": "no-store"})


def represent(status: Status) -> dict[str, Any]:
    """What the API says of a look."""
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
