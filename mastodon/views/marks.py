"""What one does with statuses: favourite, reblog, bookmark, pin, mute; and who did."""

from collections.abc import Callable
from typing import Any

from accounts.models import User
from chirp.pagination import Page, PageRequest
from mastodon.calls import Call, parsed
from mastodon.endpoints import Endpoint, public, user
from mastodon.pages import listing
from mastodon.presenters.statuses import statuses
from mastodon.replies import Reply
from mastodon.views.accounts import accounts
from mastodon.views.statuses import shown
from tweets import bookmarks as bookmark_services
from tweets import marks, pins
from tweets.conversation_mutes import mute_conversation, unmute_conversation
from tweets.quotes import detach_quote
from tweets.read import lists
from tweets.read.facts import Facts

Json = dict[str, Any]
Mark = Callable[..., int | None]


def _marks(mark: Mark, scope: str) -> Endpoint:
    """An endpoint that adds or removes a mark, and replies with the original."""

    @user(scope)
    def endpoint(call: Call, id: str) -> Json:
        id_ = parsed(id)
        return shown(call, mark(user=call.user, tweet_id=id_) or id_)

    return endpoint


favourite = _marks(marks.like, "write:favourites")
unfavourite = _marks(marks.unlike, "write:favourites")
unreblog = _marks(marks.undo_repost, "write:statuses")
bookmark = _marks(bookmark_services.add, "write:bookmarks")
unbookmark = _marks(bookmark_services.remove, "write:bookmarks")
pin = _marks(pins.pin, "write:accounts")
unpin = _marks(pins.unpin, "write:accounts")
mute = _marks(mute_conversation, "write:mutes")
unmute = _marks(unmute_conversation, "write:mutes")


@user("write:statuses")
def revoke_quote(call: Call, id: str, quote_id: str) -> Json:
    """POST statuses/:id/quotes/:quote_id/revoke: the quote, which no longer shows the status."""
    quote = parsed(quote_id)
    detach_quote(author=call.user, quote_id=quote, tweet_id=parsed(id))
    return shown(call, quote)


@user("write:statuses")
def reblog(call: Call, id: str) -> Json:
    """POST statuses/:id/reblog: the status that wraps the original."""
    return shown(call, marks.repost(user=call.user, tweet_id=parsed(id)).pk)


@public("read:accounts")
def favourited_by(call: Call, id: str) -> Reply:
    """GET statuses/:id/favourited_by."""
    return _people(call, id, lists.likes)


@public("read:accounts")
def reblogged_by(call: Call, id: str) -> Reply:
    """GET statuses/:id/reblogged_by."""
    return _people(call, id, lists.reposts)


def _people(call: Call, id: str, select: Any) -> Reply:
    id_ = parsed(id)

    def fetch(*, page: PageRequest) -> Page[User]:
        found: Page[User] = select(viewer=call.viewer, tweet_id=id_, page=page)
        return found

    return listing(call, fetch, lambda users: accounts(call, users), default=40, most=80)


@user("read:favourites")
def favourites(call: Call) -> Reply:
    """GET favourites: the originals, the latest mark first."""

    def fetch(*, page: PageRequest) -> Page[Facts]:
        return lists.user_likes(viewer=call.user, user=call.user, page=page)

    return listing(call, fetch, lambda tweets: statuses(tweets, call.base))


@user("read:bookmarks")
def bookmarks(call: Call) -> Reply:
    """GET bookmarks: the originals, the latest mark first."""

    def fetch(*, page: PageRequest) -> Page[Facts]:
        return lists.bookmarks(viewer=call.user, page=page)

    return listing(call, fetch, lambda tweets: statuses(tweets, call.base))


@user("read:statuses")
def quotes(call: Call, id: str) -> Reply:
    """GET statuses/:id/quotes."""
    id_ = parsed(id)

    def fetch(*, page: PageRequest) -> Page[Facts]:
        return lists.quotes(viewer=call.viewer, tweet_id=id_, page=page)

    return listing(call, fetch, lambda tweets: statuses(tweets, call.base))
