"""Notifications as entities, one by one and in groups."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from accounts.models import User
from chirp.times import rfc3339
from mastodon.presenters.accounts import accounts
from mastodon.presenters.statuses import statuses
from notifications.kinds import Kind
from notifications.selectors import Item, Stranger
from notifications.singles import Single
from tweets.read.facts import Facts
from tweets.read.own_quotes import own_quotes

Json = dict[str, Any]
# Notices of moderators are left out: Mastodon's clients know only its own warnings.
TYPES = {
    Kind.MENTION: "mention",
    Kind.REPLY: "mention",
    Kind.QUOTE: "quote",
    Kind.REPOST: "reblog",
    Kind.LIKE: "favourite",
    Kind.FOLLOW: "follow",
    Kind.FOLLOW_REQUEST: "follow_request",
    Kind.TWEET: "status",
    Kind.EDIT: "update",
    Kind.QUOTED_EDIT: "quoted_update",
    Kind.POLL_ENDED: "poll",
}
Entry = TypeVar("Entry", Single, Item)
GROUPED = (Kind.LIKE, Kind.REPOST, Kind.FOLLOW)
UNGROUPED = "ungrouped"


def group_key(kind: str, group_id: int, notification_id: int) -> str:
    """The key of a group, the same in both versions of the API."""
    if kind in GROUPED:
        return f"{TYPES[Kind(kind)]}-{group_id}"
    return f"{UNGROUPED}-{notification_id}"


def notifications(singles: Sequence[Single], *, viewer: User, base: str) -> list[Json]:
    """Notifications. What a poll is about was done by its author.

    One is left out if the quote that it shows is gone, and no task has retracted it yet.
    """
    singles = _with_own_quotes(singles, viewer)
    found = _Around(viewer, [(one.actor, one.tweet) for one in singles], base)
    return [
        {
            "id": str(one.id),
            "type": TYPES[Kind(one.kind)],
            "created_at": rfc3339(one.created_at),
            "group_key": group_key(one.kind, one.group_id, one.id),
            "account": found.account_of(one.actor, one.tweet),
            **({"status": found.statuses[one.tweet.id]} if one.tweet else {}),
        }
        for one in singles
    ]


def grouped(items: Sequence[Item], *, viewer: User, base: str) -> Json:
    """GroupedNotificationsResults: the groups, and the accounts and statuses that they name."""
    items = _with_own_quotes(items, viewer)
    pairs: list[tuple[User | None, Facts | None]] = []
    for item in items:
        pairs += [(actor, item.tweet) for actor in item.actors] or [(None, item.tweet)]
    found = _Around(viewer, pairs, base)
    return {
        "accounts": list(found.accounts.values()),
        "statuses": list(found.statuses.values()),
        "notification_groups": [_group(item) for item in items],
    }


def _group(item: Item) -> Json:
    latest = str(item.latest_id)
    actors = [actor.pk for actor in item.actors]
    if not actors and item.tweet:
        actors = [item.tweet.author_id]
    return {
        "group_key": group_key(item.kind, item.id, item.latest_id),
        "notifications_count": max(item.count, 1),
        "type": TYPES[Kind(item.kind)],
        "most_recent_notification_id": latest,
        # A group has one place in the list, that of its latest notification.
        "page_min_id": latest,
        "page_max_id": latest,
        "latest_page_notification_at": rfc3339(item.latest_at),
        "sample_account_ids": [str(id_) for id_ in actors],
        **({"status_id": str(item.tweet.id)} if item.tweet else {}),
    }


def _with_own_quotes(entries: Sequence[Entry], viewer: User) -> list[Entry]:
    """The entries; in place of an edited tweet that the viewer quotes, their quote of it."""
    edited = [each.tweet.id for each in entries if _is_of_quoted(each) and each.tweet]
    quotes = own_quotes(viewer=viewer, tweet_ids=edited)
    shown = []
    for each in entries:
        if not _is_of_quoted(each):
            shown.append(each)
        elif each.tweet and each.tweet.id in quotes:
            shown.append(replace(each, tweet=quotes[each.tweet.id]))
    return shown


def _is_of_quoted(entry: Single | Item) -> bool:
    return entry.kind == Kind.QUOTED_EDIT


class _Around:
    """The accounts and statuses that notifications are about, each once."""

    def __init__(
        self, viewer: User, pairs: Sequence[tuple[User | None, Facts | None]], base: str
    ) -> None:
        tweets = list({tweet.id: tweet for _, tweet in pairs if tweet}.values())
        presented = statuses(tweets, base)
        self.statuses = {tweet.id: body for tweet, body in zip(tweets, presented, strict=True)}
        actors = list({actor.pk: actor for actor, _ in pairs if actor}.values())
        bodies = accounts(viewer=viewer, users=actors, base=base)
        self.accounts = {actor.pk: body for actor, body in zip(actors, bodies, strict=True)}
        for actor, tweet in pairs:
            if actor is None and tweet is not None:
                self.accounts.setdefault(tweet.author_id, self.statuses[tweet.id]["account"])

    def account_of(self, actor: User | None, tweet: Facts | None) -> Json:
        """The account that did it; for a poll of one's own, oneself."""
        if actor is not None:
            return self.accounts[actor.pk]
        assert tweet is not None
        account: Json = self.statuses[tweet.id]["account"]
        return account


def requests(strangers: Sequence[Stranger], *, viewer: User, base: str) -> list[Json]:
    """NotificationRequests. Their ids are those of the accounts."""
    found = _Around(viewer, [(one.actor, one.tweet) for one in strangers], base)
    return [
        {
            "id": str(one.actor.pk),
            "created_at": rfc3339(one.latest_at),
            "updated_at": rfc3339(one.latest_at),
            "account": found.accounts[one.actor.pk],
            "notifications_count": str(one.count),
            "last_status": found.statuses[one.tweet.id] if one.tweet else None,
        }
        for one in strangers
    ]
