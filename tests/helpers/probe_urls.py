"""URLs with an API view that creates a row, for the tests of `Idempotency-Key`."""

from typing import Any

from django.urls import include, path
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import TokenFamily
from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.request_fields import StrictCharField, validated


class EndSerializer(serializers.Serializer[Any]):
    """The way that the request ends."""

    end = StrictCharField(required=False)


class MakeView(APIView):
    """POST creates a row. `{"end": "raise"}` and `{"end": "answer"}` fail after that."""

    @idempotent
    def post(self, request: Request) -> Response:
        """Return a 201 whose body differs each time, with keys that are not sorted."""
        end = validated(EndSerializer, request).get("end")
        row = TokenFamily.objects.create(
            user=signed_in_user(request), expires_at="2100-01-01T00:00Z"
        )
        if end == "raise":
            raise ValidationError({"end": "Requested by the test."})
        if end == "answer":
            return Response({"error": "requested_by_the_test"}, status=400)
        return Response({"z": str(row.pk), "a": 1, "text": "ü 🐦"}, status=201)


urlpatterns = [
    path("make", MakeView.as_view()),
    path("make/other", MakeView.as_view()),
    path("", include("chirp.urls")),
]
