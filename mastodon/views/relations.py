"""What one does with other accounts: follow, block, mute, and answer requests."""

from collections.abc import Callable
from typing import Any

from accounts.models import User
from chirp.pagination import Page, PageRequest
from mastodon.calls import Call, parsed
from mastodon.endpoints import Endpoint, user
from mastodon.errors import Invalid
from mastodon.pages import listing
from mastodon.replies import Reply
from mastodon.views.accounts import accounts, represent_relationships
from people import selectors, services

Json = dict[str, Any]
Act = Callable[[Call, User], object]


def _acts(act: Act, scope: str) -> Endpoint:
    """An endpoint that does something to an active account, and replies with what is between."""

    @user(scope)
    def endpoint(call: Call, id: str) -> Json:
        other = selectors.access_account(user_id=parsed(id))
        act(call, other)
        return represent_relationships(call, [other.pk])[0]

    return endpoint


def _takes_back(act: Act, scope: str) -> Endpoint:
    """The same for what takes something back, which works even if the account is gone."""

    @user(scope)
    def endpoint(call: Call, id: str) -> Json:
        other = selectors.access_related_account(viewer=call.user, user_id=parsed(id))
        act(call, other)
        return represent_relationships(call, [other.pk])[0]

    return endpoint


def _follow(call: Call, other: User) -> None:
    params = call.params
    reposts, notify = params.flag("reblogs"), params.flag("notify")
    services.follow(follower=call.user, followee=other, reposts=reposts, notify=notify)


def _mute(call: Call, other: User) -> None:
    if call.params.number("duration", 0, most=10**9):
        raise Invalid("Duration is not supported: accounts are muted for good")
    services.mute(muter=call.user, muted=other)


follow = _acts(_follow, "write:follows")
unfollow = _takes_back(
    lambda call, other: services.unfollow(follower=call.user, followee=other), "write:follows"
)
remove_from_followers = _takes_back(
    lambda call, other: services.remove_follower(user=call.user, follower=other), "write:follows"
)
block = _acts(lambda call, other: services.block(blocker=call.user, blocked=other), "write:blocks")
unblock = _takes_back(
    lambda call, other: services.unblock(blocker=call.user, blocked=other), "write:blocks"
)
mute = _acts(_mute, "write:mutes")
unmute = _takes_back(
    lambda call, other: services.unmute(muter=call.user, muted=other), "write:mutes"
)
authorize_request = _takes_back(
    lambda call, other: services.accept_request(followee=call.user, follower=other),
    "write:follows",
)
reject_request = _takes_back(
    lambda call, other: services.reject_request(followee=call.user, follower=other),
    "write:follows",
)


def _people(call: Call, select: Any) -> Reply:
    def fetch(*, page: PageRequest) -> Page[User]:
        found: Page[User] = select(user=call.user, page=page)
        return found

    return listing(call, fetch, lambda users: accounts(call, users), default=40, most=80)


@user("read:follows")
def follow_requests(call: Call) -> Reply:
    """GET follow_requests."""
    return _people(call, selectors.follow_requests)


@user("read:blocks")
def blocks(call: Call) -> Reply:
    """GET blocks."""
    return _people(call, selectors.blocked_accounts)


@user("read:mutes")
def mutes(call: Call) -> Reply:
    """GET mutes."""
    return _people(call, selectors.muted_accounts)
