"""Views for lists of people."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from api.authentication import signed_in_user, viewer_of
from api.idempotency import idempotent
from api.pages import page_body
from api.presenters.lists import (
    ChangeListSerializer,
    ListSerializer,
    MemberSerializer,
    NewListSerializer,
    represent,
)
from api.presenters.people import ProfileSerializer, represent_profiles
from api.presenters.tweets import TweetSerializer, represent_page
from api.request_fields import validated
from api.schema import (
    HANDLE,
    IDEMPOTENCY_KEY,
    PAGE_PARAMETERS,
    RATE_LIMIT_HEADERS,
    base_of,
    errors,
    page_of,
)
from api.views.tweets import parsed
from chirp.pagination import Page, PageRequest
from lists import selectors, services
from people.selectors import access_user
from timelines.lists import list_timeline

LIST_ID = OpenApiParameter(
    "list_id",
    {"type": "string", "pattern": "^[0-9]{1,16}$"},
    OpenApiParameter.PATH,
    description="The id of a list.",
)


def _list(request: Request, list_id: int, *, status: int = 200) -> Response:
    """A response with a list."""
    found = selectors.access_list(viewer=viewer_of(request), list_id=list_id)
    return Response(represent(found, base=base_of(request)), status=status)


def _lists(request: Request, owner: User) -> Response:
    """A response with all lists of an account that the viewer may read."""
    base = base_of(request)
    found = selectors.lists_of(viewer=viewer_of(request), owner=owner)
    results = [represent(each, base=base) for each in found]
    return Response({"results": results, "next": None, "previous": None})


class ListsView(APIView):
    """/api/lists."""

    @extend_schema(
        operation_id="lists_list",
        summary="Own lists",
        responses={200: page_of(ListSerializer), **errors(401)},
    )
    def get(self, request: Request) -> Response:
        """All lists of the viewer, by name. There is only one page."""
        return _lists(request, signed_in_user(request))

    @extend_schema(
        summary="Create a list",
        request=NewListSerializer,
        parameters=[IDEMPOTENCY_KEY, *RATE_LIMIT_HEADERS],
        responses={201: ListSerializer, **errors(400, 401, 403, 409, 413, 415, 429)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A list without members."""
        new = validated(NewListSerializer, request)
        created = services.create_list(owner=signed_in_user(request), **new)
        return _list(request, created.pk, status=201)


class UserListsView(APIView):
    """/api/users/{handle}/lists."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="Lists of a user",
        parameters=[HANDLE],
        responses={200: page_of(ListSerializer), **errors(401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """Those that are not private, by name. There is only one page."""
        return _lists(request, access_user(viewer=viewer_of(request), handle=handle))


class ListView(APIView):
    """/api/lists/{id}."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="Get a list",
        parameters=[LIST_ID],
        responses={200: ListSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, list_id: str) -> Response:
        """One of the viewer's lists, or one that is not private."""
        return _list(request, parsed(list_id))

    @extend_schema(
        summary="Change a list",
        request=ChangeListSerializer,
        parameters=[LIST_ID, *RATE_LIMIT_HEADERS],
        responses={200: ListSerializer, **errors(400, 401, 403, 404, 413, 415, 429)},
    )
    def patch(self, request: Request, list_id: str) -> Response:
        """Omitted fields keep their values."""
        id_, changes = parsed(list_id), validated(ChangeListSerializer, request)
        services.change_list(owner=signed_in_user(request), list_id=id_, **changes)
        return _list(request, id_)

    @extend_schema(
        summary="Delete a list",
        parameters=[LIST_ID, *RATE_LIMIT_HEADERS],
        responses={204: None, **errors(401, 403, 404, 429)},
    )
    def delete(self, request: Request, list_id: str) -> Response:
        """Idempotent."""
        services.delete_list(owner=signed_in_user(request), list_id=parsed(list_id))
        return Response(status=204)


class MembersView(APIView):
    """/api/lists/{id}/members."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="People on a list",
        parameters=[LIST_ID, *PAGE_PARAMETERS],
        responses={200: page_of(ProfileSerializer), **errors(400, 401, 404)},
    )
    def get(self, request: Request, list_id: str) -> Response:
        """The latest member first."""
        viewer, page = viewer_of(request), PageRequest.of(request.GET)
        found = selectors.access_list(viewer=viewer, list_id=parsed(list_id))
        people = selectors.members(viewer=viewer, found=found, page=page)
        profiles = represent_profiles(viewer=viewer, users=people.results, base=base_of(request))
        return Response(page_body(request, Page(profiles, people.next, people.previous)))


class ListTimelineView(APIView):
    """/api/lists/{id}/timeline."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        summary="Timeline of a list",
        tags=["timelines"],
        parameters=[LIST_ID, *PAGE_PARAMETERS],
        responses={200: page_of(TweetSerializer), **errors(400, 401, 404)},
    )
    def get(self, request: Request, list_id: str) -> Response:
        """Tweets of the people on a list that the viewer may see, newest first.

        The rules of the home timeline hold, but nobody has to be followed: without replies to
        strangers and what the viewer hides, and several reposts of one tweet are one entry.
        """
        viewer, page = viewer_of(request), PageRequest.of(request.GET)
        found = selectors.access_list(viewer=viewer, list_id=parsed(list_id))
        tweets = list_timeline(viewer=viewer, found=found, page=page)
        return Response(represent_page(request, tweets))


def _changes_member(summary: str, *statuses: int) -> Callable[[Any], Any]:
    """A decorator that describes a method that changes who is on a list."""
    return extend_schema(
        summary=summary,
        request=None,
        parameters=[LIST_ID, HANDLE, *RATE_LIMIT_HEADERS],
        responses={200: MemberSerializer, **errors(401, 403, 404, 429, *statuses)},
    )


class MemberView(APIView):
    """/api/lists/{id}/members/{handle}."""

    @_changes_member("Put a person on a list", 409)
    def put(self, request: Request, list_id: str, handle: str) -> Response:
        """Idempotent. The person is not told."""
        me, id_ = signed_in_user(request), parsed(list_id)
        user = access_user(viewer=me, handle=handle)
        services.add_member(owner=me, list_id=id_, user=user)
        return Response({"member": True})

    @_changes_member("Take a person off a list")
    def delete(self, request: Request, list_id: str, handle: str) -> Response:
        """Idempotent. This also works for an account that is gone."""
        me, id_ = signed_in_user(request), parsed(list_id)
        services.remove_member(owner=me, list_id=id_, handle=handle)
        return Response({"member": False})
