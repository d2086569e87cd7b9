"""The API of people, and of what is between them and who asks."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from api.authentication import signed_in_user, viewer_of
from api.pages import page_body
from api.presenters import people as presenters
from api.request_fields import validated
from api.schema import HANDLE, PAGE_PARAMETERS, RATE_LIMIT_HEADERS, base_of, errors, page_of
from chirp.pagination import Page, PageRequest
from people import selectors
from people import services as people


class UserView(APIView):
    """/api/users/{handle}"""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="A person",
        parameters=[HANDLE],
        responses={200: presenters.ProfileSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """The profile, and how the person stands to who asks."""
        viewer = viewer_of(request)
        user = selectors.access_user(viewer=viewer, handle=handle)
        return Response(
            presenters.represent_profile(viewer=viewer, user=user, base=base_of(request))
        )


class FollowersView(APIView):
    """/api/users/{handle}/followers"""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Who follows somebody",
        parameters=[HANDLE, *PAGE_PARAMETERS],
        responses={200: page_of(presenters.ProfileSerializer), **errors(400, 401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """The newest follow first."""
        viewer, page = viewer_of(request), PageRequest.of(request.GET)
        user = selectors.access_user(viewer=viewer, handle=handle)
        return _people(request, selectors.followers(viewer=viewer, user=user, page=page))


class FollowingView(APIView):
    """/api/users/{handle}/following"""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Whom somebody follows",
        parameters=[HANDLE, *PAGE_PARAMETERS],
        responses={200: page_of(presenters.ProfileSerializer), **errors(400, 401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """The newest follow first."""
        viewer, page = viewer_of(request), PageRequest.of(request.GET)
        user = selectors.access_user(viewer=viewer, handle=handle)
        return _people(request, selectors.following(viewer=viewer, user=user, page=page))


class FollowRequestsView(APIView):
    """/api/me/follow-requests"""

    @extend_schema(
        summary="Who asks to follow one's private account",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(presenters.ProfileSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """The newest request first."""
        page = PageRequest.of(request.GET)
        return _people(request, selectors.follow_requests(user=signed_in_user(request), page=page))


def _people(request: Request, page: Page[User]) -> Response:
    people = presenters.represent_profiles(
        viewer=viewer_of(request), users=page.results, base=base_of(request)
    )
    return Response(page_body(request, Page(people, next=page.next, previous=page.previous)))


def _edge(summary: str, request: Any = None) -> Callable[[Any], Any]:
    """The description of a method of an edge."""
    refused = (400, 401, 403, 404, 429) + ((413, 415) if request else ())
    return extend_schema(
        summary=summary,
        request=request,
        parameters=[HANDLE, *RATE_LIMIT_HEADERS],
        responses={200: presenters.RelationshipSerializer, **errors(*refused)},
    )


class _EdgeView(APIView):
    """What is between who asks and somebody else. Doing it twice is doing it once."""

    def them(self, request: Request, handle: str) -> User:
        """The other person. NotFound."""
        return selectors.access_user(viewer=signed_in_user(request), handle=handle)

    def state(self, request: Request, them: User) -> Response:
        """The answer: how things stand now."""
        between = selectors.relationship(viewer=signed_in_user(request), user=them)
        return Response(asdict(between))


class FollowView(_EdgeView):
    """/api/users/{handle}/follow"""

    @_edge("Follow somebody", request=presenters.FollowSerializer)
    def put(self, request: Request, handle: str) -> Response:
        """Follow, or ask to when the account is private."""
        them, wanted = self.them(request, handle), validated(presenters.FollowSerializer, request)
        people.follow(follower=signed_in_user(request), followee=them, **wanted)
        return self.state(request, them)

    @_edge("Unfollow somebody")
    def delete(self, request: Request, handle: str) -> Response:
        """End the follow, or take back the request."""
        them = self.them(request, handle)
        people.unfollow(follower=signed_in_user(request), followee=them)
        return self.state(request, them)


class BlockView(_EdgeView):
    """/api/users/{handle}/block"""

    @_edge("Block somebody")
    def put(self, request: Request, handle: str) -> Response:
        """Neither sees the other's tweets; follows between the two end."""
        them = self.them(request, handle)
        people.block(blocker=signed_in_user(request), blocked=them)
        return self.state(request, them)

    @_edge("Unblock somebody")
    def delete(self, request: Request, handle: str) -> Response:
        """What the block ended stays ended."""
        them = self.them(request, handle)
        people.unblock(blocker=signed_in_user(request), blocked=them)
        return self.state(request, them)


class MuteView(_EdgeView):
    """/api/users/{handle}/mute"""

    @_edge("Mute somebody")
    def put(self, request: Request, handle: str) -> Response:
        """No longer read them; they are not told."""
        them = self.them(request, handle)
        people.mute(muter=signed_in_user(request), muted=them)
        return self.state(request, them)

    @_edge("Unmute somebody")
    def delete(self, request: Request, handle: str) -> Response:
        """Read them again."""
        them = self.them(request, handle)
        people.unmute(muter=signed_in_user(request), muted=them)
        return self.state(request, them)


class FollowRequestView(_EdgeView):
    """/api/me/follow-requests/{handle}"""

    @_edge("Let somebody in")
    def put(self, request: Request, handle: str) -> Response:
        """Accept the request. A 404 when there never was one."""
        them = self.them(request, handle)
        people.accept_request(followee=signed_in_user(request), follower=them)
        return self.state(request, them)

    @_edge("Refuse somebody")
    def delete(self, request: Request, handle: str) -> Response:
        """Refuse the request; who was let in stays a follower."""
        them = self.them(request, handle)
        people.reject_request(followee=signed_in_user(request), follower=them)
        return self.state(request, them)
