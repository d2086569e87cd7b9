"""What happens to notifications of strangers: the policy, and the requests that wait."""

from typing import Any

from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.errors import Invalid
from mastodon.pages import listing
from mastodon.presenters import notifications as presenters
from mastodon.replies import Reply
from notifications import preferences, selectors
from notifications.models import Settings
from notifications.selectors import Stranger
from people.selectors import access_account, access_related_account

Json = dict[str, Any]
SCOPE, CHANGE = "read:notifications", "write:notifications"
# The one of Mastodon's policies that Chirp has; the others accept everything.
OURS = "for_not_following"
CONSTANT = (
    *("for_not_followers", "for_new_accounts", "for_private_mentions", "for_limited_accounts"),
)
MOST = 80


def _waiting(call: Call) -> list[Stranger]:
    page = PageRequest(limit=MOST)
    return list(selectors.requests(viewer=call.user, page=page).results)


def _summary(call: Call) -> Json:
    waiting = _waiting(call)
    return {
        "pending_requests_count": len(waiting),
        "pending_notifications_count": sum(each.count for each in waiting),
    }


@user(SCOPE)
def policy(call: Call) -> Json:
    """GET /api/v2/notifications/policy."""
    found = preferences.preferences(user=call.user).strangers
    return {OURS: str(found), **dict.fromkeys(CONSTANT, "accept"), "summary": _summary(call)}


@user(CHANGE)
def change_policy(call: Call) -> Json:
    """PATCH /api/v2/notifications/policy."""
    for name in CONSTANT:
        if call.params.text(name) not in (None, "accept"):
            raise Invalid(f"{name} can only be accept")
    wanted = call.params.text(OURS)
    if wanted is not None:
        if wanted not in Settings.Strangers.values:
            raise Invalid(f"{OURS} must be one of {', '.join(Settings.Strangers.values)}")
        preferences.change(user=call.user, strangers=wanted)
    answer: Json = policy.handle(call)
    return answer


@user(SCOPE)
def old_policy(call: Call) -> Json:
    """GET notifications/policy, as it was before Mastodon 4.3 was released."""
    filters = preferences.preferences(user=call.user).strangers != Settings.Strangers.ACCEPT
    return {
        "filter_not_following": filters,
        "filter_not_followers": False,
        "filter_new_accounts": False,
        "filter_private_mentions": False,
        "summary": _summary(call),
    }


@user(CHANGE)
def change_old_policy(call: Call) -> Json:
    """PATCH and PUT notifications/policy."""
    filters = call.params.flag("filter_not_following")
    if filters is not None:
        choice = Settings.Strangers.FILTER if filters else Settings.Strangers.ACCEPT
        preferences.change(user=call.user, strangers=choice)
    answer: Json = old_policy.handle(call)
    return answer


@user(SCOPE)
def requests(call: Call) -> Reply:
    """GET notifications/requests."""

    def fetch(*, page: PageRequest) -> Page[Stranger]:
        return selectors.requests(viewer=call.user, page=page)

    def present(found: Any) -> list[Json]:
        return presenters.requests(found, viewer=call.user, base=call.base)

    return listing(call, fetch, present, default=40, most=MOST)


@user(SCOPE)
def request(call: Call, id: str) -> Json:
    """GET notifications/requests/:id, where the id is that of the account."""
    wanted = parsed(id)
    for found in presenters.requests(_waiting(call), viewer=call.user, base=call.base):
        if found["id"] == str(wanted):
            return found
    raise NotFound


@user(CHANGE)
def accept(call: Call, id: str = "") -> Json:
    """POST notifications/requests/:id/accept, and notifications/requests/accept for several."""
    for actor_id in [parsed(id)] if id else call.params.ids("id"):
        actor = access_account(user_id=actor_id)
        preferences.accept_stranger(user=call.user, actor=actor)
    return {}


@user(CHANGE)
def dismiss(call: Call, id: str = "") -> Json:
    """POST notifications/requests/:id/dismiss, and notifications/requests/dismiss for several."""
    for actor_id in [parsed(id)] if id else call.params.ids("id"):
        actor = access_related_account(viewer=call.user, user_id=actor_id)
        preferences.dismiss_stranger(user=call.user, actor=actor)
    return {}


@user(SCOPE)
def merged(call: Call) -> Json:
    """GET notifications/requests/merged: accepted ones are shown at once."""
    return {"merged": True}
