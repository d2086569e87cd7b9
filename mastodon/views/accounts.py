"""Accounts: one's own and those of others, with their followers and tweets."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from mastodon.calls import Call, parsed
from mastodon.endpoints import public, user
from mastodon.errors import Invalid
from mastodon.pages import listing
from mastodon.params import Params
from mastodon.policies import quotes_from
from mastodon.presenters import accounts as presenters
from mastodon.presenters.statuses import statuses
from mastodon.replies import Reply
from media import profiles
from people import selectors
from people.featured import featured_people
from people.selectors import ListsHidden
from people.suggestions import suggest
from search.people import search_people
from tweets.read import lists
from tweets.read.facts import Facts

Json = dict[str, Any]
MOST_IDS = 40
PICTURES = ("avatar", "header")


def accounts(call: Call, users: Sequence[User]) -> list[Json]:
    """Accounts as the viewer sees them."""
    return presenters.accounts(viewer=call.viewer, users=users, base=call.base)


def own(call: Call, me: User) -> Json:
    """The CredentialAccount of the signed-in user."""
    number = selectors.number_of_requests(user=me) if me.private else 0
    return presenters.own_account(me, call.base, requests=number)


@user("read:accounts", "profile")
def verify_credentials(call: Call) -> Json:
    """GET accounts/verify_credentials."""
    return own(call, call.user)


@user("write:accounts")
def update_credentials(call: Call) -> Json:
    """PATCH accounts/update_credentials: changes of the profile. What is left out stays."""
    pictures = {
        name: call.params.values[name]
        for name in PICTURES
        if hasattr(call.params.values.get(name), "chunks")
    }
    me = profiles.update_profile(user=call.user, changes=_changes(call.params), pictures=pictures)
    return own(call, me)


def _changes(params: Params) -> dict[str, object]:
    """The changes of the profile, under our names."""
    found: dict[str, object] = {
        ours: text
        for theirs, ours in (("display_name", "name"), ("note", "bio"))
        if (text := params.text(theirs)) is not None
    }
    locked = params.flag("locked")
    if locked is not None:
        found["private"] = locked
    if "fields_attributes" in params:
        found |= _fields(params.children("fields_attributes"))
    if policy := params.child("source").text("quote_policy"):
        found["quotes_from"] = quotes_from(policy)
    if any(domain.strip() for domain in params.texts("attribution_domains")):
        raise Invalid("Attribution domains are not kept here")
    return found


def _fields(fields: Sequence[Params]) -> dict[str, object]:
    """Website and place from the fields, which have no others."""
    names = {presenters.WEBSITE.lower(): "link", presenters.PLACE.lower(): "place"}
    found: dict[str, object] = {"link": "", "place": ""}
    for field in fields:
        name, value = (field.text("name") or "").strip(), field.text("value") or ""
        if not name and not value:
            continue
        if name.lower() not in names:
            allowed = f"{presenters.WEBSITE} and {presenters.PLACE}"
            raise Invalid(f"Fields can only be called {allowed}")
        found[names[name.lower()]] = value
    return found


@user("write:accounts")
def delete_avatar(call: Call) -> Json:
    """DELETE profile/avatar."""
    return own(call, profiles.update_profile(user=call.user, changes={}, removed=["avatar"]))


@user("write:accounts")
def delete_header(call: Call) -> Json:
    """DELETE profile/header."""
    return own(call, profiles.update_profile(user=call.user, changes={}, removed=["header"]))


@public("read:accounts")
def show(call: Call, id: str) -> Json:
    """GET accounts/:id."""
    return accounts(call, [selectors.access_account(user_id=parsed(id))])[0]


@public("read:accounts")
def several(call: Call) -> list[Json]:
    """GET accounts?id[]=: those that exist."""
    return accounts(call, selectors.access_accounts(user_ids=call.params.ids("id")[:MOST_IDS]))


@public("read:accounts")
def lookup(call: Call) -> Json:
    """GET accounts/lookup?acct=."""
    handle = local_handle(call.params.text("acct") or "", call.host)
    if handle is None:
        raise NotFound
    return accounts(call, [selectors.access_user(viewer=call.viewer, handle=handle)])[0]


def local_handle(acct: str, host: str) -> str | None:
    """Return the handle of an account of this site; None for one of another site."""
    handle, at, domain = acct.strip().removeprefix("@").partition("@")
    return None if at and domain.lower() != host.lower() else handle


@user("read:accounts")
def search(call: Call) -> list[Json]:
    """GET accounts/search: by the beginnings of handles and names, the best first."""
    limit = call.params.number("limit", 40, least=1, most=80)
    offset = call.params.number("offset", 0, most=1000)
    return accounts(call, found_people(call, limit=limit, offset=offset))


def found_people(call: Call, *, limit: int, offset: int) -> list[User]:
    """Return the people whom the query `q` finds."""
    query = local_handle(call.params.text("q") or "", call.host)
    if not query:
        return []
    page = PageRequest(limit=offset + limit)
    found = list(search_people(viewer=call.viewer, query=query, page=page).results)
    found = [*_named(call, query, found), *found][: offset + limit]
    if call.params.flag("following") and call.viewer:
        ids = [one.pk for one in found]
        between = selectors.relationships(viewer=call.viewer, user_ids=ids) if ids else {}
        found = [one for one in found if between[one.pk].following]
    return found[offset:]


@user("read")
def suggestions(call: Call) -> list[Json]:
    """GET /api/v2/suggestions: accounts that friends follow, then those with many followers."""
    limit = call.params.number("limit", 40, least=1, most=80)
    found = {one.person.pk: one for one in suggest(viewer=call.user, limit=limit)}
    people = selectors.access_accounts(user_ids=list(found))
    return [
        {
            "source": "global",
            "sources": ["friends_of_friends" if found[one.pk].friends else "most_followed"],
            "account": body,
        }
        for one, body in zip(people, accounts(call, people), strict=True)
    ]


@user("read")
def old_suggestions(call: Call) -> list[Json]:
    """GET suggestions, without the reasons."""
    return [each["account"] for each in suggestions.handle(call)]


def _named(call: Call, handle: str, found: Sequence[User]) -> list[User]:
    """The account with exactly this handle, unless the search found it: it may be a new one."""
    try:
        named = selectors.access_user(viewer=call.viewer, handle=handle)
        if call.viewer is not None:
            selectors.check_lists(viewer=call.viewer, user=named)
    except (NotFound, ListsHidden):
        return []
    return [] if named in found else [named]


@user("read:follows")
def relationships(call: Call) -> list[Json]:
    """GET accounts/relationships?id[]=: one for each account that exists."""
    ids = [one.pk for one in selectors.access_accounts(user_ids=call.params.ids("id")[:100])]
    return represent_relationships(call, ids)


def represent_relationships(call: Call, ids: Sequence[int]) -> list[Json]:
    """Relationships of the signed-in user to these accounts."""
    between = selectors.relationships(viewer=call.user, user_ids=ids) if ids else {}
    return [presenters.relationship(id_, between[id_]) for id_ in ids]


@user("read:follows")
def familiar_followers(call: Call) -> list[Json]:
    """GET accounts/familiar_followers?id[]=: nobody, in the right form."""
    return [{"id": str(id_), "accounts": []} for id_ in call.params.ids("id")[:MOST_IDS] if id_]


@public("read:accounts")
def followers(call: Call, id: str) -> Reply:
    """GET accounts/:id/followers."""
    return _edges(call, id, selectors.followers)


@public("read:accounts")
def following(call: Call, id: str) -> Reply:
    """GET accounts/:id/following."""
    return _edges(call, id, selectors.following)


@public("read:accounts")
def endorsements(call: Call, id: str) -> Reply:
    """GET accounts/:id/endorsements."""
    return _edges(call, id, featured_people)


def _edges(call: Call, id: str, select: Any) -> Reply:
    """A list of people, which is empty if the viewer may not see it."""
    of = selectors.access_account(user_id=parsed(id))

    def fetch(*, page: PageRequest) -> Page[User]:
        try:
            found: Page[User] = select(viewer=call.viewer, user=of, page=page)
        except ListsHidden:
            return Page([])
        return found

    return listing(call, fetch, lambda users: accounts(call, users), default=40, most=80)


@public("read:statuses")
def account_statuses(call: Call, id: str) -> Reply:
    """GET accounts/:id/statuses."""
    of = selectors.access_account(user_id=parsed(id))
    params = call.params

    def fetch(*, page: PageRequest) -> Page[Facts]:
        try:
            return _tweets_of(call, of, page)
        except ListsHidden:
            return Page([])

    if params.flag("pinned"):
        limit = params.number("limit", 20, least=1, most=40)
        return Reply(statuses(_pinned(call, of)[:limit], call.base))
    return listing(call, fetch, lambda tweets: statuses(tweets, call.base))


def _pinned(call: Call, of: User) -> list[Facts]:
    try:
        return lists.pinned(viewer=call.viewer, user=of)
    except ListsHidden:
        return []


def _tweets_of(call: Call, of: User, page: PageRequest) -> Page[Facts]:
    params = call.params
    if params.flag("only_media"):
        return lists.user_media(viewer=call.viewer, user=of, page=page)
    return lists.user_everything(
        viewer=call.viewer,
        user=of,
        page=page,
        replies=not params.flag("exclude_replies"),
        reposts=not params.flag("exclude_reblogs"),
        tag=params.text("tagged") or None,
    )
