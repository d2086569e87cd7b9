"""The view that opens a stream of live updates."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.streams import Opening, Stream, opener
from api.authentication import sign_in_of
from api.negotiation import FirstRenderer
from api.schema import base_of, errors
from chirp import ids
from chirp.errors import ChirpError
from chirp.texts import text as _

MOST_WATCHED = 100
STREAMS: frozenset[Stream] = frozenset({("home", ""), ("notifications", ""), ("conversations", "")})
WATCH = OpenApiParameter(
    "watch",
    {"type": "string", "pattern": "^[0-9]{1,16}(,[0-9]{1,16})*$"},
    description=f"Ids of at most {MOST_WATCHED} tweets, separated by commas: `counts` tells of "
    "theirs. Other ids need another stream.",
)
AFTER = OpenApiParameter(
    "last_event_id",
    {"type": "string"},
    description="The same as the header `Last-Event-ID`, for clients that cannot set it.",
)
HEADER = OpenApiParameter(
    "Last-Event-ID",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="The last `id` that a client received. What happened since then comes first, or "
    "`reset` if that is not known any more.",
)
SUMMARY = """A stream of server-sent events, for as long as the viewer is signed in.

| event | data |
|---|---|
| `home` | a tweet that belongs into the viewer's home timeline from now on |
| `edit` | a tweet of home, or the original of one, that has another text |
| `delete` | `{"id"}`: a tweet of home, or the original of one, is gone |
| `notification` | a group of notifications, as in the list: a new one, or as it is now |
| `notification_gone` | `{"id"}`: a group of notifications that is not in the list any more |
| `unread` | `{"notifications", "conversations"}`: how much is unread, each counted up to 100 |
| `conversation` | a conversation with a new direct tweet, as in the list |
| `counts` | `{"id", "counts"}` of a tweet in `watch` |
| `reset` | `{}`: something may have been missed, so everything has to be read again |

An event may come twice. A comment comes every 15 seconds, with an `id`. The stream ends with the
sign-in, when an access token expires, when the client reads too slowly, and when the server stops;
connect again with `Last-Event-ID`.
"""


class BadWatch(ChirpError):
    """`watch` is not a list of ids, or too long a list."""

    message = _(
        "Must be the ids of at most %(most)s tweets, separated by commas.", most=MOST_WATCHED
    )
    field = "watch"


class StreamView(APIView):
    """GET /api/stream."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="stream_open",
        summary="Live updates",
        description=SUMMARY,
        parameters=[WATCH, AFTER, HEADER],
        responses={
            (200, "text/event-stream"): OpenApiResponse({"type": "string"}, "Server-sent events."),
            **errors(400, 401, 429),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Open a stream. The process of streams runs this, and goes on with it."""
        who = sign_in_of(request)
        open_stream = opener(request.META)
        after = request.headers.get("Last-Event-ID") or request.GET.get("last_event_id", "")
        watched = _watched(request.GET.get("watch", ""))
        open_stream(Opening("native", who, base_of(request), STREAMS, watched, after))
        response = HttpResponse(content_type="text/event-stream; charset=utf-8")
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


def _watched(text: str) -> frozenset[int]:
    found = [ids.parse(part) for part in text.split(",")] if text else []
    if None in found or len(found) > MOST_WATCHED:
        raise BadWatch
    return frozenset(id_ for id_ in found if id_ is not None)
