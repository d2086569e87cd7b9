"""Views for imports of archives, and for the export of everything."""

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import proof
from accounts.models import User
from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.parsers import MultiPartParser
from api.presenters import archives as presenters
from api.presenters.people import ProofSerializer
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, RATE_LIMIT_HEADERS, errors
from api.views.tweets import parsed
from archives import selectors, services
from archives.exporting import services as exporting
from archives.models import Export
from chirp.limits.addresses import client_address

IMPORT_ID = OpenApiParameter(
    "import_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of an import.",
)


class ImportsView(APIView):
    """/api/me/imports."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="Own imports",
        operation_id="imports_list",
        responses={200: presenters.ImportsSerializer, **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """The latest 20, newest first."""
        rows = selectors.imports_of(owner=signed_in_user(request))
        return Response({"results": [presenters.represent(row) for row in rows]})

    @extend_schema(
        summary="Import an archive",
        request={"multipart/form-data": presenters.NewImportSerializer},
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: presenters.ImportSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """It is imported in the background, one archive at a time.

        Tweets keep their dates, and nobody is notified of them. The same archive again brings only
        what is new.
        """
        new = validated(presenters.NewImportSerializer, request)
        row = services.begin(owner=signed_in_user(request), **new)
        return Response(_current(row.pk, request), status=201)


class ImportView(APIView):
    """/api/me/imports/{id}."""

    @extend_schema(
        summary="Get an import",
        parameters=[IMPORT_ID],
        responses={200: presenters.ImportSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, import_id: str) -> Response:
        """How far one of the viewer's imports is."""
        return Response(_current(parsed(import_id), request))

    @extend_schema(
        summary="Cancel an import",
        parameters=[IMPORT_ID, *RATE_LIMIT_HEADERS],
        responses={200: presenters.ImportSerializer, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, import_id: str) -> Response:
        """What it has brought so far stays. Idempotent."""
        services.cancel(owner=signed_in_user(request), import_id=(id_ := parsed(import_id)))
        return Response(_current(id_, request))


def _current(import_id: int, request: Request) -> presenters.Json:
    owner = signed_in_user(request)
    return presenters.represent(selectors.access_import(owner=owner, import_id=import_id))


class ExportView(APIView):
    """/api/me/export."""

    @extend_schema(
        summary="Own export",
        responses={200: presenters.ExportSerializer, **errors(401, 404)},
    )
    def get(self, request: Request) -> Response:
        """How far the latest export is; 404 if there is none."""
        row = exporting.latest(owner=signed_in_user(request))
        if row is None:
            raise exporting.NoExport
        return Response(presenters.represent_export(row))

    @extend_schema(
        summary="Export everything",
        request=ProofSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={202: presenters.ExportSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    def post(self, request: Request) -> Response:
        """Collect everything of the account into one archive, in the background.

        One at a time: a 409 while another is going on. It is kept for seven days, or until the
        next one is done. After five wrong passwords, further tries return a 429, as at sign-in.
        """
        row = exporting.begin(owner=_proven(request))
        return Response(presenters.represent_export(Export.objects.get(pk=row.pk)), status=202)


class DownloadView(APIView):
    """POST /api/me/export/download."""

    @extend_schema(
        summary="Download the export",
        request=ProofSerializer,
        parameters=RATE_LIMIT_HEADERS,
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            **errors(400, 401, 403, 404, 413, 415, 429, 503),
        },
    )
    def post(self, request: Request) -> FileResponse:
        """The archive of the latest export that is done.

        It is a ZIP file: see docs/archives.md. Who asks has to prove once more who they are.
        """
        row, file = exporting.download(owner=(owner := _proven(request)))
        name = f"chirp-{owner.handle}-{row.created_at:%Y-%m-%d}.zip"
        headers = {"Cache-Control": "no-store"}
        return FileResponse(file, as_attachment=True, filename=name, headers=headers)


def _proven(request: Request) -> User:
    """The signed-in user, who has proven once more who they are."""
    user = signed_in_user(request)
    data = validated(ProofSerializer, request)
    proof.check(user=user, **data, now=timezone.now(), address=client_address(request.META))
    return user
