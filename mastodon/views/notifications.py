"""Notifications one by one (v1) and in groups (v2)."""

from typing import Any

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.pages import Wanted, links, listing, read
from mastodon.presenters import notifications as presenters
from mastodon.presenters.notifications import TYPES, UNGROUPED
from mastodon.replies import Reply
from mastodon.views.accounts import accounts
from notifications import selectors, services, singles
from notifications.kinds import Kind
from notifications.selectors import Item
from notifications.singles import Single

Json = dict[str, Any]
SCOPE, CHANGE = "read:notifications", "write:notifications"


def _kinds(call: Call) -> list[Kind]:
    """The kinds that a request wants: `types`, without `exclude_types`."""
    types, without = set(call.params.texts("types")), set(call.params.texts("exclude_types"))
    return [
        kind
        for kind, type_ in TYPES.items()
        if (not types or type_ in types) and type_ not in without
    ]


@user(SCOPE)
def index(call: Call) -> Reply:
    """GET notifications."""
    kinds, actor_id = _kinds(call), call.params.id("account_id")

    def fetch(*, page: PageRequest) -> Page[Single]:
        if not kinds:
            return Page([])
        return singles.singles(viewer=call.user, page=page, kinds=kinds, actor_id=actor_id)

    def present(found: Any) -> list[Json]:
        return presenters.notifications(found, viewer=call.user, base=call.base)

    return listing(call, fetch, present, default=40, most=80)


@user(SCOPE)
def show(call: Call, id: str) -> Json:
    """GET notifications/:id."""
    found = singles.single(viewer=call.user, notification_id=parsed(id), kinds=list(TYPES))
    for body in presenters.notifications([found], viewer=call.user, base=call.base):
        return body
    raise NotFound


@user(CHANGE)
def clear(call: Call) -> Json:
    """POST notifications/clear."""
    services.dismiss_everything(user=call.user)
    return {}


@user(CHANGE)
def dismiss(call: Call, id: str = "") -> Json:
    """POST notifications/:id/dismiss, and the older notifications/dismiss."""
    services.dismiss(user=call.user, notification_id=parsed(id or call.params.needed("id")))
    return {}


@user(SCOPE)
def unread_count(call: Call) -> Json:
    """GET notifications/unread_count."""
    most = call.params.number("limit", 100, least=1, most=1000)
    return {"count": singles.unread(viewer=call.user, kinds=_kinds(call), most=most)}


@user(SCOPE)
def groups(call: Call) -> Reply:
    """GET /api/v2/notifications: a group stands where its latest notification does."""
    kinds, actor_id = _kinds(call), call.params.id("account_id")

    def fetch(*, page: PageRequest) -> Page[Item]:
        if not kinds:
            return Page([])
        return selectors.notifications(viewer=call.user, page=page, kinds=kinds, actor_id=actor_id)

    part = read(fetch, Wanted.of(call.params, default=40, most=80))
    body = presenters.grouped(part.entries, viewer=call.user, base=call.base)
    return Reply(body, headers=links(call, part))


@user(SCOPE)
def unread_groups(call: Call) -> Json:
    """GET /api/v2/notifications/unread_count."""
    most = call.params.number("limit", 100, least=1, most=1000)
    return {"count": min(selectors.unread(user_id=call.user.pk), most)}


def _group_id(call: Call, key: str) -> int:
    """The id of the group with this key. Raises NotFound."""
    type_, _, number = key.rpartition("-")
    if type_ == UNGROUPED:
        kinds = list(TYPES)
        return singles.single(
            viewer=call.user, notification_id=parsed(number), kinds=kinds
        ).group_id
    if type_ not in TYPES.values():
        raise NotFound
    return parsed(number)


@user(SCOPE)
def group(call: Call, key: str) -> Json:
    """GET /api/v2/notifications/:group_key."""
    found = selectors.group(viewer=call.user, group_id=_group_id(call, key))
    return presenters.grouped([found], viewer=call.user, base=call.base)


@user(SCOPE)
def group_accounts(call: Call, key: str) -> Reply:
    """GET /api/v2/notifications/:group_key/accounts."""
    group_id = _group_id(call, key)

    def fetch(*, page: PageRequest) -> Page[User]:
        return singles.actors(viewer=call.user, group_id=group_id, page=page)

    return listing(call, fetch, lambda users: accounts(call, users), default=40, most=80)


@user(CHANGE)
def dismiss_group(call: Call, key: str) -> Json:
    """POST /api/v2/notifications/:group_key/dismiss."""
    services.dismiss_group(user=call.user, group_id=_group_id(call, key))
    return {}
