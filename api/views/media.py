"""Views for uploads: pictures, videos and recordings."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.parsers import MultiPartParser
from api.presenters import media as presenters
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, RATE_LIMIT_HEADERS, base_of, errors
from chirp import ids
from chirp.errors import NotFound
from media import selectors, services

MEDIA_ID = OpenApiParameter(
    "media_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of an upload.",
)


def _parsed(media_id: str) -> int:
    id_ = ids.parse(media_id)
    if id_ is None:
        raise NotFound
    return id_


class UploadView(APIView):
    """/api/media."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="Upload a picture, a video or a recording",
        request={"multipart/form-data": presenters.NewMediaSerializer},
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={
            201: presenters.OwnMediaSerializer,
            **errors(400, 401, 403, 409, 413, 415, 429),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Its id goes into `media_ids` of a tweet, at once or within a day.

        It is processed in the background. When that fails, `error` says why.
        """
        new = validated(presenters.NewMediaSerializer, request)
        media = services.upload(owner=signed_in_user(request), **new)
        return Response(presenters.represent_own(media, base=base_of(request)), status=201)


class MediaView(APIView):
    """/api/media/{id}."""

    @extend_schema(
        summary="Get an upload",
        parameters=[MEDIA_ID],
        responses={200: presenters.OwnMediaSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, media_id: str) -> Response:
        """An upload of the signed-in user. Those of others are a 404."""
        media = selectors.access_own(owner=signed_in_user(request), media_id=_parsed(media_id))
        return Response(presenters.represent_own(media, base=base_of(request)))

    @extend_schema(
        summary="Describe an upload",
        request=presenters.MediaChangesSerializer,
        parameters=[MEDIA_ID, *RATE_LIMIT_HEADERS],
        responses={
            200: presenters.OwnMediaSerializer,
            **errors(400, 401, 403, 404, 413, 415, 429),
        },
    )
    def patch(self, request: Request, media_id: str) -> Response:
        """The description and the focal point can be changed at any time, in a tweet too."""
        id_, changes = _parsed(media_id), validated(presenters.MediaChangesSerializer, request)
        media = services.describe(owner=signed_in_user(request), media_id=id_, **changes)
        return Response(presenters.represent_own(media, base=base_of(request)))
