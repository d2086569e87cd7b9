"""Pages about other people: who follows whom, and what one person does to another."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chirp.pagination import Page, PageRequest
from people import selectors
from people import services as edges
from web.auth import signed_in, viewer_of
from web.limits import limit_account
from web.presenters.people import row, rows
from web.responses import go_back, is_htmx, respond

Edge = Callable[[User, User], object]

# What one can do to somebody, by the last segment of the address: (me, them) -> the service.
EDGES: dict[str, Edge] = {
    "follow": lambda me, them: edges.follow(follower=me, followee=them),
    "unfollow": lambda me, them: edges.unfollow(follower=me, followee=them),
    "hide-reposts": lambda me, them: edges.follow(follower=me, followee=them, reposts=False),
    "show-reposts": lambda me, them: edges.follow(follower=me, followee=them, reposts=True),
    "block": lambda me, them: edges.block(blocker=me, blocked=them),
    "unblock": lambda me, them: edges.unblock(blocker=me, blocked=them),
    "mute": lambda me, them: edges.mute(muter=me, muted=them),
    "unmute": lambda me, them: edges.unmute(muter=me, muted=them),
    "accept": lambda me, them: edges.accept_request(followee=me, follower=them),
    "reject": lambda me, them: edges.reject_request(followee=me, follower=them),
    "remove-follower": lambda me, them: edges.remove_follower(user=me, follower=them),
}
SAID = {
    "block": "You blocked @{}. Neither of you sees the other's tweets.",
    "unblock": "You no longer block @{}.",
    "mute": "You muted @{}, who is not told.",
    "unmute": "You read @{} again.",
    "hide-reposts": "You no longer see what @{} reposts.",
    "show-reposts": "You see again what @{} reposts.",
    "accept": "@{} follows you now.",
    "reject": "You refused the request of @{}.",
    "remove-follower": "@{} no longer follows you.",
}


@require_POST
@signed_in
def change_edge(request: HttpRequest, me: User, handle: str, action: str) -> HttpResponse:
    """Do one of EDGES to somebody. htmx gets the button as it is now."""
    limit_account(request)
    them = selectors.access_user(viewer=me, handle=handle)
    EDGES[action](me, them)
    if is_htmx(request):
        return _button(request, me, them)
    say = SAID.get(action, "").format(them.handle)
    return go_back(request, reverse("profile", args=[them.handle]), say=say)


def _button(request: HttpRequest, me: User, them: User) -> HttpResponse:
    shown = row(them, viewer=me)
    context = {"person": shown.person, "relationship": shown.relationship}
    return respond(request, "accounts/_follow.html", context)


@require_safe
def followers(request: HttpRequest, handle: str) -> HttpResponse:
    """Who follows somebody."""
    return _edges(request, handle, "followers", selectors.followers)


@require_safe
def following(request: HttpRequest, handle: str) -> HttpResponse:
    """Whom somebody follows."""
    return _edges(request, handle, "following", selectors.following)


def _edges(
    request: HttpRequest, handle: str, tab: str, read: Callable[..., Page[User]]
) -> HttpResponse:
    viewer = viewer_of(request)
    person = selectors.access_user(viewer=viewer, handle=handle)
    context = {
        "person": person,
        "tab": tab,
        "heading": person.display_name,
        "subheading": f"@{person.handle}",
        "back": reverse("profile", args=[person.handle]),
        "empty_title": "Nobody yet",
    }
    return people_page(request, partial(read, viewer=viewer, user=person), context)


def people_page(
    request: HttpRequest, read: Callable[..., Page[User]], context: dict[str, Any]
) -> HttpResponse:
    """A page with a list of people that `read(page=...)` finds."""
    page = read(page=PageRequest.of(request.GET))
    context = {**context, "page": page, "rows": rows(page.results, viewer=viewer_of(request))}
    return respond(request, "accounts/people.html", context, fragment="accounts/_people.html")


@require_safe
@signed_in
def follow_requests(request: HttpRequest, me: User) -> HttpResponse:
    """Who has asked to follow a private account."""
    page = selectors.follow_requests(user=me, page=PageRequest.of(request.GET))
    context = {"page": page}
    fragment = "accounts/_requests.html"
    return respond(request, "accounts/requests.html", context, fragment=fragment)
