"""Lists of people, and their members."""

from typing import Any

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from lists import selectors, services
from lists.models import PeopleList
from lists.services import NotYourList
from mastodon.calls import Call, parsed
from mastodon.endpoints import user
from mastodon.pages import listing
from mastodon.presenters.statuses import statuses
from mastodon.replies import Reply
from mastodon.views.accounts import accounts
from people.selectors import access_account
from timelines.lists import list_timeline
from tweets.read.facts import Facts

Json = dict[str, Any]


def represent(found: PeopleList) -> Json:
    """A List. Whose replies it shows is not for its owner to choose."""
    return {
        "id": str(found.pk),
        "title": found.name,
        "replies_policy": "list",
        "exclusive": found.exclusive,
    }


def _own(call: Call, id: str) -> PeopleList:
    """A list of the signed-in user. Raises NotFound, also for public lists of others."""
    try:
        return services.own_list(owner=call.user, list_id=parsed(id))
    except NotYourList:
        raise NotFound from None


@user("read:lists")
def index(call: Call) -> list[Json]:
    """GET lists."""
    return [represent(each) for each in selectors.lists_of(viewer=call.user, owner=call.user)]


@user("read:lists")
def show(call: Call, id: str) -> Json:
    """GET lists/:id."""
    return represent(_own(call, id))


@user("write:lists")
def create(call: Call) -> Json:
    """POST lists."""
    title, exclusive = call.params.needed("title"), bool(call.params.flag("exclusive"))
    return represent(services.create_list(owner=call.user, name=title, exclusive=exclusive))


@user("write:lists")
def change(call: Call, id: str) -> Json:
    """PUT lists/:id."""
    found = _own(call, id)
    changes: Json = {}
    if (title := call.params.text("title")) is not None:
        changes["name"] = title
    if (exclusive := call.params.flag("exclusive")) is not None:
        changes["exclusive"] = exclusive
    services.change_list(owner=call.user, list_id=found.pk, **changes)
    return represent(_own(call, id))


@user("write:lists")
def delete(call: Call, id: str) -> Json:
    """DELETE lists/:id."""
    services.delete_list(owner=call.user, list_id=_own(call, id).pk)
    return {}


@user("read:lists")
def members(call: Call, id: str) -> Reply:
    """GET lists/:id/accounts; all of them with `limit=0`."""
    found = selectors.access_list(viewer=call.user, list_id=_own(call, id).pk)

    def fetch(*, page: PageRequest) -> Page[User]:
        return selectors.members(viewer=call.user, found=found, page=page)

    if str(call.params.values.get("limit")) == "0":
        everybody = fetch(page=PageRequest(limit=services.MAX_MEMBERS)).results
        return Reply(accounts(call, everybody))
    return listing(call, fetch, lambda users: accounts(call, users), default=40, most=80)


@user("read:lists")
def timeline(call: Call, list_id: str) -> Reply:
    """GET timelines/list/:id: the same timeline as on the site, by the same rules."""
    found = selectors.access_list(viewer=call.user, list_id=_own(call, list_id).pk)

    def fetch(*, page: PageRequest) -> Page[Facts]:
        return list_timeline(viewer=call.user, found=found, page=page)

    return listing(call, fetch, lambda tweets: statuses(tweets, call.base))


@user("write:lists")
def add(call: Call, id: str) -> Json:
    """POST lists/:id/accounts."""
    found = _own(call, id)
    for id_ in call.params.ids("account_ids"):
        services.add_member(owner=call.user, list_id=found.pk, user=access_account(user_id=id_))
    return {}


@user("write:lists")
def remove(call: Call, id: str) -> Json:
    """DELETE lists/:id/accounts."""
    found = _own(call, id)
    for each in User.objects.filter(pk__in=call.params.ids("account_ids")):
        services.remove_member(owner=call.user, list_id=found.pk, handle=each.handle)
    return {}


@user("read:lists")
def of_account(call: Call, id: str) -> list[Json]:
    """GET accounts/:id/lists: the own lists that the account is on."""
    person = access_account(user_id=parsed(id))
    on = selectors.lists_with(owner=call.user, user=person)
    own = selectors.lists_of(viewer=call.user, owner=call.user)
    return [represent(each) for each in own if each.pk in on]
