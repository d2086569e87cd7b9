"""URLs with views whose statement takes a minute: a page, a form, and two of the API."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import TokenFamily
from api.authentication import signed_in_user
from api.idempotency import idempotent


def sleep() -> None:
    """Run a statement that takes a minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


def page(request: HttpRequest) -> HttpResponse:
    """A page that is too slow."""
    sleep()
    return HttpResponse("That took a minute.")


class SlowView(APIView):
    """GET is too slow, and so is POST after it has created a row."""

    permission_classes = ()

    def get(self, request: Request) -> Response:
        """Return after a minute."""
        sleep()
        return Response({})

    @idempotent
    def post(self, request: Request) -> Response:
        """Create a row, and return after a minute."""
        TokenFamily.objects.create(user=signed_in_user(request), expires_at="2100-01-01T00:00Z")
        sleep()
        return Response({}, status=201)


handler500 = "chirp.error_handlers.server_error"
urlpatterns = [
    path("slow", page),
    path("admin/slow", page),
    path("api/slow", SlowView.as_view()),
    path("", include("chirp.urls")),
]
