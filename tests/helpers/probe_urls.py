"""An API with one endpoint that makes something, for the tests of `Idempotency-Key`."""

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


class WantedSerializer(serializers.Serializer[Any]):
    """How to end."""

    end = StrictCharField(required=False)


class MakeView(APIView):
    """POST makes a row. `{"end": "raise"}` or `"answer"` fails after that."""

    @idempotent
    def post(self, request: Request) -> Response:
        """201 with something that differs each time, its keys in no particular order."""
        wanted = validated(WantedSerializer, request).get("end")
        row = TokenFamily.objects.create(
            user=signed_in_user(request), expires_at="2100-01-01T00:00Z"
        )
        if wanted == "raise":
            raise ValidationError({"end": "As you wish."})
        if wanted == "answer":
            return Response({"error": "as_you_wish"}, status=400)
        return Response({"z": str(row.pk), "a": 1, "text": "ü 🐦"}, status=201)


urlpatterns = [
    path("make", MakeView.as_view()),
    path("make/other", MakeView.as_view()),
    path("", include("chirp.urls")),
]
