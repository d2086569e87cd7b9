"""Notifications, requests of strangers, their settings, and read positions.

GET changes nothing. The pages hold a form that says up to where they were read; with scripts it is
sent when it comes into view, and without scripts it has a button.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from chirp import ids
from chirp.errors import ChirpError
from chirp.pagination import PageRequest
from chirp.texts import text as _
from notifications import digest, markers, preferences, selectors
from notifications.kinds import ABOUT_PEOPLE, MARKS, TALK, Kind
from people.selectors import access_related_user, access_user
from web.auth import signed_in
from web.forms.base import respond_form
from web.forms.notifications import NotificationsForm, values_of
from web.limits import limit_account
from web.presenters.notifications import entries, stranger_entries
from web.responses import go_back, is_htmx, respond
from web.viewer import viewer_context
from web.views import push

# What the tabs beside "All" show.
TABS: dict[str, tuple[Kind, ...]] = {
    "mentions": TALK,
    "reactions": MARKS,
    "followers": ABOUT_PEOPLE,
}


class BadPosition(ChirpError):
    """A form names a position that is none."""

    message = _("There is no such position.")


@require_safe
@signed_in
def notifications(request: HttpRequest, me: User, tab: str = "all") -> HttpResponse:
    """What concerns the signed-in user, the latest first."""
    kinds = TABS.get(tab, ())
    page = selectors.notifications(viewer=me, page=PageRequest.of(request.GET), kinds=kinds)
    context = {
        "tab": tab,
        "page": page,
        "entries": entries(page.results, viewer=viewer_context(request)),
        "strangers": preferences.preferences(user=me).strangers,
        "read_up_to": _newest(page.results) if tab == "all" else 0,
    }
    template, fragment = "pages/notifications/list.html", "fragments/notifications.html"
    return respond(request, template, context, fragment=fragment)


def _newest(items: object) -> int:
    """Return the position of the newest entry of a page if anything on it is unread, else 0."""
    positions = [item.latest_id for item in items if item.unread]  # type: ignore[attr-defined]
    return max(positions, default=0)


# These two are not counted by the limit of writes: a reader who opens pages is no writer.
@require_POST
@signed_in
def read_notifications(request: HttpRequest, me: User) -> HttpResponse:
    """Mark notifications as read up to the position in the form."""
    markers.read_notifications(user=me, up_to=_position(request))
    if is_htmx(request):
        return respond(request, "fragments/no_unread.html")
    return go_back(request, reverse("notifications"))


@require_POST
@signed_in
def read_home(request: HttpRequest, me: User) -> HttpResponse:
    """Mark the home timeline as read up to the tweet in the form."""
    markers.move(user=me, name=markers.Name.HOME, last_read_id=_position(request))
    return HttpResponse(status=204) if is_htmx(request) else go_back(request)


def _position(request: HttpRequest) -> int:
    position = ids.parse(request.POST.get("up_to"))
    if position is None:
        raise BadPosition
    return position


@require_safe
@signed_in
def requests(request: HttpRequest, me: User) -> HttpResponse:
    """The strangers whose notifications were filtered."""
    page = selectors.requests(viewer=me, page=PageRequest.of(request.GET))
    shown = stranger_entries(page.results, viewer=viewer_context(request))
    context = {"tab": "requests", "page": page, "entries": shown, "strangers": "filter"}
    template, fragment = "pages/notifications/requests.html", "fragments/strangers.html"
    return respond(request, template, context, fragment=fragment)


@require_POST
@signed_in
def accept_stranger(request: HttpRequest, me: User, handle: str) -> HttpResponse:
    """Show what was filtered of a stranger, and what comes."""
    limit_account(request)
    actor = access_user(viewer=me, handle=handle)
    preferences.accept_stranger(user=me, actor=actor)
    say = gettext("You see the notifications of @%(handle)s now.") % {"handle": actor.handle}
    return go_back(request, reverse("notification_requests"), say=say)


@require_POST
@signed_in
def dismiss_stranger(request: HttpRequest, me: User, handle: str) -> HttpResponse:
    """Remove a stranger from the requests."""
    limit_account(request)
    preferences.dismiss_stranger(user=me, actor=access_related_user(viewer=me, handle=handle))
    return go_back(request, reverse("notification_requests"))


@csrf_exempt  # mail programs send the POST (RFC 8058); the link itself is the permission
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Turn the digest off, signed in or not. GET only asks: programs follow links of e-mails."""
    done = request.method == "POST"
    act = digest.unsubscribe if done else digest.subscriber
    context = {"subscriber": act(token=token), "done": done}
    response = respond(request, "pages/notifications/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def notification_settings(request: HttpRequest, me: User) -> HttpResponse:
    """What the signed-in user hears of, on the site and by e-mail."""
    sent = request.POST if request.method == "POST" else None
    form = NotificationsForm(sent, initial=values_of(preferences.preferences(user=me)))

    def act(**values: object) -> None:
        limit_account(request)
        preferences.change(user=me, **form.changes())
        messages.success(request, gettext("Saved."))

    if form.is_bound and form.passes(act):
        return redirect(request.path)
    context = push.section(request, me)
    return respond_form(request, "pages/accounts/settings_notifications.html", form, context)
