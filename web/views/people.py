"""Lists of followers and followed people, and the actions of one user on another."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from chirp.pagination import Page, PageRequest
from people import featured, notes, selectors
from people import services as edges
from web.auth import signed_in, viewer_of
from web.forms.base import respond_form
from web.forms.people import MuteForm, NoteForm
from web.limits import limit_account
from web.presenters.people import row, rows
from web.responses import go_back, is_htmx, respond

Edge = Callable[[User, User], object]
shows_form = require_http_methods(["GET", "HEAD", "POST"])

# Actions on another user, by the last segment of the URL: (me, them) -> the service.
EDGES: dict[str, Edge] = {
    "follow": lambda me, them: edges.follow(follower=me, followee=them),
    "unfollow": lambda me, them: edges.unfollow(follower=me, followee=them),
    "hide-reposts": lambda me, them: edges.follow(follower=me, followee=them, reposts=False),
    "show-reposts": lambda me, them: edges.follow(follower=me, followee=them, reposts=True),
    "notify": lambda me, them: edges.follow(follower=me, followee=them, notify=True),
    "unnotify": lambda me, them: edges.follow(follower=me, followee=them, notify=False),
    "feature": lambda me, them: featured.feature(user=me, person=them),
    "unfeature": lambda me, them: featured.unfeature(user=me, person=them),
    "block": lambda me, them: edges.block(blocker=me, blocked=them),
    "unblock": lambda me, them: edges.unblock(blocker=me, blocked=them),
    "mute": lambda me, them: edges.mute(muter=me, muted=them),
    "unmute": lambda me, them: edges.unmute(muter=me, muted=them),
    "accept": lambda me, them: edges.accept_request(followee=me, follower=them),
    "reject": lambda me, them: edges.reject_request(followee=me, follower=them),
    "remove-follower": lambda me, them: edges.remove_follower(user=me, follower=them),
}
# Those that only take something back, and so work with accounts that are gone.
UNDOING = {"unfollow", "unblock", "unmute", "reject", "remove-follower", "unfeature"}
SAID = {
    "block": _("You blocked @%(handle)s. Neither of you sees the other's tweets."),
    "unblock": _("You no longer block @%(handle)s."),
    "mute": _("You muted @%(handle)s, who is not told."),
    "unmute": _("You read @%(handle)s again."),
    "hide-reposts": _("You no longer see what @%(handle)s reposts."),
    "show-reposts": _("You see again what @%(handle)s reposts."),
    "notify": _("You will be notified of the tweets of @%(handle)s."),
    "unnotify": _("You are no longer notified of the tweets of @%(handle)s."),
    "feature": _("Your profile shows @%(handle)s."),
    "unfeature": _("Your profile no longer shows @%(handle)s."),
    "accept": _("@%(handle)s follows you now."),
    "reject": _("You refused the request of @%(handle)s."),
    "remove-follower": _("@%(handle)s no longer follows you."),
}


@require_POST
@signed_in
def change_edge(request: HttpRequest, me: User, handle: str, action: str) -> HttpResponse:
    """Perform one of EDGES on a user. htmx gets the button in its new state."""
    limit_account(request)
    access = selectors.access_related_user if action in UNDOING else selectors.access_user
    them = access(viewer=me, handle=handle)
    EDGES[action](me, them)
    if is_htmx(request):
        return _button(request, me, them)
    say = SAID[action] % {"handle": them.handle} if action in SAID else ""
    back = reverse("profile", args=[them.handle]) if them.is_active else reverse("home")
    return go_back(request, back, say=say)


@shows_form
@signed_in
def mute_for(request: HttpRequest, me: User, handle: str) -> HttpResponse:
    """Mute somebody for some time, or change how long."""
    them = selectors.access_user(viewer=me, handle=handle)
    form = MuteForm(request.POST if request.method == "POST" else None)

    def act(*, seconds: int | None) -> None:
        limit_account(request)
        edges.mute(muter=me, muted=them, seconds=seconds)

    if form.is_bound and form.passes(act):
        say = SAID["mute"] % {"handle": them.handle}
        return go_back(request, reverse("profile", args=[them.handle]), say=say)
    return respond_form(request, "pages/people/mute.html", form, {"person": them})


@shows_form
@signed_in
def note(request: HttpRequest, me: User, handle: str) -> HttpResponse:
    """The private note of the signed-in user about somebody."""
    them = selectors.access_user(viewer=me, handle=handle)
    written = selectors.relationship(viewer=me, user=them).note
    form = NoteForm.of(written, request.POST if request.method == "POST" else None)

    def act(*, text: str) -> None:
        limit_account(request)
        notes.write_note(author=me, about=them, text=text)

    if form.is_bound and form.passes(act):
        return go_back(request, reverse("profile", args=[them.handle]), say=gettext("Saved."))
    return respond_form(request, "pages/people/note.html", form, {"person": them})


def _button(request: HttpRequest, me: User, them: User) -> HttpResponse:
    shown = row(them, viewer=me)
    context = {"person": shown.person, "relationship": shown.relationship}
    return respond(request, "fragments/follow_button.html", context)


@require_safe
def followers(request: HttpRequest, handle: str) -> HttpResponse:
    """The followers of a user."""
    return _edges(request, handle, "followers", selectors.followers)


@require_safe
def following(request: HttpRequest, handle: str) -> HttpResponse:
    """The people that a user follows."""
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
    }
    return people_page(request, partial(read, viewer=viewer, user=person), context)


def people_page(
    request: HttpRequest, read: Callable[..., Page[User]], context: dict[str, Any]
) -> HttpResponse:
    """A page of the list of people that `read(page=...)` returns."""
    page = read(page=PageRequest.of(request.GET))
    context = {**context, "page": page, "rows": rows(page.results, viewer=viewer_of(request))}
    return respond(request, "pages/people/people.html", context, fragment="fragments/people.html")


@require_safe
@signed_in
def follow_requests(request: HttpRequest, me: User) -> HttpResponse:
    """The pending requests to follow the signed-in user, whose account is private."""
    page = selectors.follow_requests(user=me, page=PageRequest.of(request.GET))
    context = {"page": page}
    fragment = "fragments/follow_requests.html"
    return respond(request, "pages/accounts/follow_requests.html", context, fragment=fragment)
