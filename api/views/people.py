"""Views for users, and for relationships between the viewer and other users."""

from collections.abc import Callable
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
from people import featured, notes, selectors
from people import services as people


class UserView(APIView):
    """/api/users/{handle}."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Profile of a user",
        parameters=[HANDLE],
        responses={200: presenters.ProfileSerializer, **errors(401, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """The public profile, with the relationship between the viewer and the user."""
        viewer = viewer_of(request)
        user = selectors.access_user(viewer=viewer, handle=handle)
        return Response(
            presenters.represent_profile(viewer=viewer, user=user, base=base_of(request))
        )


class FollowersView(APIView):
    """/api/users/{handle}/followers."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Followers of a user",
        parameters=[HANDLE, *PAGE_PARAMETERS],
        responses={200: page_of(presenters.ProfileSerializer), **errors(400, 401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """Users, the latest follow first."""
        viewer, page = viewer_of(request), PageRequest.of(request.GET)
        user = selectors.access_user(viewer=viewer, handle=handle)
        return _profiles(request, selectors.followers(viewer=viewer, user=user, page=page))


class FollowingView(APIView):
    """/api/users/{handle}/following."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Accounts that a user follows",
        parameters=[HANDLE, *PAGE_PARAMETERS],
        responses={200: page_of(presenters.ProfileSerializer), **errors(400, 401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """Users, the latest follow first."""
        viewer, page = viewer_of(request), PageRequest.of(request.GET)
        user = selectors.access_user(viewer=viewer, handle=handle)
        return _profiles(request, selectors.following(viewer=viewer, user=user, page=page))


class FeaturedPeopleView(APIView):
    """/api/users/{handle}/featured-people."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="People on the profile of a user",
        parameters=[HANDLE, *PAGE_PARAMETERS],
        responses={200: page_of(presenters.ProfileSerializer), **errors(400, 401, 403, 404)},
    )
    def get(self, request: Request, handle: str) -> Response:
        """Accounts that the user follows and recommends there, the latest follow first."""
        viewer, page = viewer_of(request), PageRequest.of(request.GET)
        user = selectors.access_user(viewer=viewer, handle=handle)
        return _profiles(request, featured.featured_people(viewer=viewer, user=user, page=page))


class FollowRequestsView(APIView):
    """/api/me/follow-requests."""

    @extend_schema(
        summary="Pending follow requests",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(presenters.ProfileSerializer), **errors(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """Users that request to follow the viewer's private account, the latest request first."""
        page = PageRequest.of(request.GET)
        return _profiles(
            request, selectors.follow_requests(user=signed_in_user(request), page=page)
        )


def _profiles(request: Request, page: Page[User]) -> Response:
    profiles = presenters.represent_profiles(
        viewer=viewer_of(request), users=page.results, base=base_of(request)
    )
    return Response(page_body(request, Page(profiles, next=page.next, previous=page.previous)))


def _describe(summary: str, *more: int, request: Any = None) -> Callable[[Any], Any]:
    """A decorator that describes a method that changes a relationship."""
    statuses = (400, 401, 403, 404, *more, 429) + ((413, 415) if request else ())
    return extend_schema(
        summary=summary,
        request=request,
        parameters=[HANDLE, *RATE_LIMIT_HEADERS],
        responses={200: presenters.RelationshipSerializer, **errors(*statuses)},
    )


class _RelationshipView(APIView):
    """Changes a relationship between the viewer and another user. The methods are idempotent."""

    def other_user(self, request: Request, handle: str) -> User:
        """The user named in the URL. Raises NotFound."""
        return selectors.access_user(viewer=signed_in_user(request), handle=handle)

    def related_user(self, request: Request, handle: str) -> User:
        """The user named in the URL, even if gone, to undo something. Raises NotFound."""
        return selectors.access_related_user(viewer=signed_in_user(request), handle=handle)

    def respond(self, request: Request, other: User) -> Response:
        """The response: the relationship after the change."""
        relationship = selectors.relationship(viewer=signed_in_user(request), user=other)
        return Response(presenters.represent_relationship(relationship))


class FollowView(_RelationshipView):
    """/api/users/{handle}/follow."""

    @_describe("Follow a user", request=presenters.FollowSerializer)
    def put(self, request: Request, handle: str) -> Response:
        """Follow the user, or send a follow request if the account is private."""
        other = self.other_user(request, handle)
        options = validated(presenters.FollowSerializer, request)
        people.follow(follower=signed_in_user(request), followee=other, **options)
        return self.respond(request, other)

    @_describe("Unfollow a user")
    def delete(self, request: Request, handle: str) -> Response:
        """Delete the follow, or withdraw the follow request."""
        other = self.related_user(request, handle)
        people.unfollow(follower=signed_in_user(request), followee=other)
        return self.respond(request, other)


class FollowedByView(_RelationshipView):
    """/api/users/{handle}/followed-by."""

    @_describe("Remove a follower")
    def delete(self, request: Request, handle: str) -> Response:
        """The user no longer follows the viewer, and is not notified. Idempotent."""
        other = self.related_user(request, handle)
        people.remove_follower(user=signed_in_user(request), follower=other)
        return self.respond(request, other)


class BlockView(_RelationshipView):
    """/api/users/{handle}/block."""

    @_describe("Block a user")
    def put(self, request: Request, handle: str) -> Response:
        """Hide each user's tweets from the other, and delete follows between them."""
        other = self.other_user(request, handle)
        people.block(blocker=signed_in_user(request), blocked=other)
        return self.respond(request, other)

    @_describe("Unblock a user")
    def delete(self, request: Request, handle: str) -> Response:
        """Delete the block. Follows that the block deleted are not restored."""
        other = self.related_user(request, handle)
        people.unblock(blocker=signed_in_user(request), blocked=other)
        return self.respond(request, other)


class MuteView(_RelationshipView):
    """/api/users/{handle}/mute."""

    @_describe("Mute a user", request=presenters.MuteSerializer)
    def put(self, request: Request, handle: str) -> Response:
        """Hide the user's tweets from the viewer. The user is not notified.

        If the user is muted already, it changes when the mute ends.
        """
        other = self.other_user(request, handle)
        options = validated(presenters.MuteSerializer, request)
        people.mute(muter=signed_in_user(request), muted=other, **options)
        return self.respond(request, other)

    @_describe("Unmute a user")
    def delete(self, request: Request, handle: str) -> Response:
        """Show the user's tweets again."""
        other = self.related_user(request, handle)
        people.unmute(muter=signed_in_user(request), muted=other)
        return self.respond(request, other)


class NoteView(_RelationshipView):
    """/api/users/{handle}/note."""

    @_describe("Write a private note", request=presenters.NoteSerializer)
    def put(self, request: Request, handle: str) -> Response:
        """Replace the note about the user. Only its author can read it."""
        other = self.other_user(request, handle)
        note = validated(presenters.NoteSerializer, request)
        notes.write_note(author=signed_in_user(request), about=other, **note)
        return self.respond(request, other)


class FeatureView(_RelationshipView):
    """/api/users/{handle}/feature."""

    @_describe("Show a user on the profile", 409)
    def put(self, request: Request, handle: str) -> Response:
        """Show an account that the viewer follows on the viewer's profile. At most 20."""
        other = self.other_user(request, handle)
        featured.feature(user=signed_in_user(request), person=other)
        return self.respond(request, other)

    @_describe("Show a user on the profile no longer")
    def delete(self, request: Request, handle: str) -> Response:
        """The follow stays."""
        other = self.related_user(request, handle)
        featured.unfeature(user=signed_in_user(request), person=other)
        return self.respond(request, other)


class FollowRequestView(_RelationshipView):
    """/api/me/follow-requests/{handle}."""

    @_describe("Accept a follow request")
    def put(self, request: Request, handle: str) -> Response:
        """Let the user follow the account. Returns a 404 if there was no request."""
        other = self.other_user(request, handle)
        people.accept_request(followee=signed_in_user(request), follower=other)
        return self.respond(request, other)

    @_describe("Reject a follow request")
    def delete(self, request: Request, handle: str) -> Response:
        """Delete the request. A user whose request was accepted stays a follower."""
        other = self.related_user(request, handle)
        people.reject_request(followee=signed_in_user(request), follower=other)
        return self.respond(request, other)
