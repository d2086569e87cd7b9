"""What one does with other accounts: follow, block, mute, and answer requests."""

from collections.abc import Callable, Sequence
from typing import Any

from accounts.models import User
from chirp.pagination import Page, PageRequest
from chirp.times import rfc3339
from mastodon.calls import Call, parsed
from mastodon.endpoints import Endpoint, user
from mastodon.pages import listing
from mastodon.replies import Reply
from mastodon.views.accounts import accounts, represent_relationships
from people import notes, selectors, services
from people.featured import feature, featured_people, unfeature

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
    seconds = call.params.number("duration", 0, most=services.MAX_MUTE_SECONDS)
    services.mute(muter=call.user, muted=other, seconds=seconds or None)


def _note(call: Call, other: User) -> None:
    notes.write_note(author=call.user, about=other, text=call.params.text("comment") or "")


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
endorse = _acts(lambda call, other: feature(user=call.user, person=other), "write:accounts")
unendorse = _takes_back(
    lambda call, other: unfeature(user=call.user, person=other), "write:accounts"
)
note = _acts(_note, "write:accounts")
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


@user("read:accounts")
def endorsements(call: Call) -> Reply:
    """GET endorsements."""

    def select(*, user: User, page: PageRequest) -> Page[User]:
        return featured_people(viewer=user, user=user, page=page)

    return _people(call, select)


@user("read:blocks")
def blocks(call: Call) -> Reply:
    """GET blocks."""
    return _people(call, selectors.blocked_accounts)


@user("read:mutes")
def mutes(call: Call) -> Reply:
    """GET mutes, with the times at which they end."""

    def fetch(*, page: PageRequest) -> Page[User]:
        return selectors.muted_accounts(user=call.user, page=page)

    def present(users: Sequence[User]) -> list[Json]:
        ends = selectors.mutes_until(user=call.user, muted=users)
        return [
            {**body, "mute_expires_at": rfc3339(ends[one.pk]) if one.pk in ends else None}
            for one, body in zip(users, accounts(call, users), strict=True)
        ]

    return listing(call, fetch, present, default=40, most=80)
