"""Views for the filters of the viewer."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import signed_in_user
from api.idempotency import idempotent
from api.presenters.filters import (
    ChangeFilterSerializer,
    FilterSerializer,
    NewFilterSerializer,
    represent,
)
from api.request_fields import validated
from api.schema import IDEMPOTENCY_KEY, RATE_LIMIT_HEADERS, errors, page_of
from api.views.tweets import parsed
from filters import services
from filters.selectors import filters_of

FILTER_ID = OpenApiParameter(
    "filter_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a filter.",
)


class FiltersView(APIView):
    """/api/filters."""

    @extend_schema(
        operation_id="filters_list",
        summary="Filters",
        responses={200: page_of(FilterSerializer), **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """All filters of the viewer, newest first. There is only one page."""
        found = [represent(each) for each in filters_of(signed_in_user(request))]
        return Response({"results": found, "next": None, "previous": None})

    @extend_schema(
        summary="Create a filter",
        request=NewFilterSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: FilterSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """At most 50 for an account."""
        new = validated(NewFilterSerializer, request)
        created = services.create_filter(owner=signed_in_user(request), **new)
        return Response(represent(created), status=201)


class FilterView(APIView):
    """/api/filters/{id}."""

    @extend_schema(
        summary="Get a filter",
        parameters=[FILTER_ID],
        responses={200: FilterSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, filter_id: str) -> Response:
        """One filter of the viewer."""
        owner = signed_in_user(request)
        return Response(represent(services.own_filter(owner=owner, filter_id=parsed(filter_id))))

    @extend_schema(
        summary="Change a filter",
        request=ChangeFilterSerializer,
        parameters=[FILTER_ID, *RATE_LIMIT_HEADERS],
        responses={200: FilterSerializer, **errors(400, 401, 403, 404, 413, 415, 429)},
    )
    def patch(self, request: Request, filter_id: str) -> Response:
        """Omitted fields keep their values."""
        owner, id_ = signed_in_user(request), parsed(filter_id)
        changes = validated(ChangeFilterSerializer, request)
        return Response(represent(services.change_filter(owner=owner, filter_id=id_, **changes)))

    @extend_schema(
        summary="Delete a filter",
        parameters=[FILTER_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, filter_id: str) -> Response:
        """Idempotent."""
        services.delete_filter(owner=signed_in_user(request), filter_id=parsed(filter_id))
        return Response(status=204)
