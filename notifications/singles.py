"""Notifications one by one, as clients want them that do not know groups.

The rules are those of groups: see notifications/selectors.py.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from filters.models import Context
from notifications import markers
from notifications.kinds import Kind
from notifications.models import Notification
from notifications.selectors import People, visible_tweets
from tweets.read.facts import Facts
from tweets.read.filtered import Sieve
from tweets.read.paging import FilteredList, Rows


@dataclass(frozen=True, slots=True)
class Single:
    """One account did one thing. A notice has no actor, and some kinds have no tweet."""

    id: int
    kind: str
    group_id: int
    actor: User | None
    tweet: Facts | None
    created_at: datetime


def singles(
    *, viewer: User, page: PageRequest, kinds: Collection[Kind], actor_id: int | None = None
) -> Page[Single]:
    """Return one page of notifications of these kinds, the latest first, perhaps of one actor."""
    rows = _rows(viewer, kinds)
    if actor_id is not None:
        rows = rows.filter(actor=actor_id)
    return FilteredList(Rows(rows), _Loader(viewer).shown).page(page)


def single(*, viewer: User, notification_id: int, kinds: Collection[Kind]) -> Single:
    """Return one notification. Raises NotFound if the viewer does not see it."""
    rows = _rows(viewer, kinds).filter(pk=notification_id)
    shown = _Loader(viewer).shown(list(rows.values_list("pk", flat=True)))
    if notification_id not in shown:
        raise NotFound
    return shown[notification_id]


def actors(*, viewer: User, group_id: int, page: PageRequest) -> Page[User]:
    """Return the accounts of a group, the latest first: those that the viewer hears of."""
    rows = _rows(viewer, list(Kind)).filter(group=group_id, actor__isnull=False)
    found = FilteredList(Rows(rows), _Loader(viewer).shown).page(page)
    users = [each.actor for each in found.results if each.actor is not None]
    return Page(users, found.next, found.previous, found.positions)


def unread(*, viewer: User, kinds: Collection[Kind], most: int) -> int:
    """Return the number of notifications since the read position, at most `most`."""
    later = _rows(viewer, kinds).filter(pk__gt=markers.last_read(user=viewer))
    return int(later[:most].count())


def _rows(viewer: User, kinds: Collection[Kind]) -> QuerySet[Notification]:
    rows = Notification.objects.filter(
        recipient_id=viewer.pk, standing=True, filtered=False, group__visible=True
    )
    return rows.filter(kind__in=kinds) if len(kinds) < len(Kind) else rows


@dataclass(frozen=True, slots=True)
class _Loader:
    """Loads notifications for one viewer."""

    viewer: User

    def shown(self, ids: list[int]) -> dict[int, Single]:
        """Return those that the viewer sees. The number of queries does not depend on theirs."""
        if not ids:
            return {}
        rows = Notification.objects.select_related("group").in_bulk(ids)
        people = People.of(self.viewer, {row.actor_id for row in rows.values() if row.actor_id})
        about = [row.group.tweet_id for row in rows.values()]
        sieve = Sieve.of(self.viewer, Context.NOTIFICATIONS)
        tweets = visible_tweets(self.viewer, about, sieve)
        found = {id_: self._single(row, people, tweets) for id_, row in rows.items()}
        return {id_: single for id_, single in found.items() if single is not None}

    def _single(
        self, row: Notification, people: People, tweets: Mapping[int, Facts]
    ) -> Single | None:
        if row.actor_id is not None and not people.are_shown(row.actor_id, row.kind):
            return None
        tweet = tweets.get(row.group.tweet_id or 0)
        if row.group.tweet_id is not None and tweet is None and row.kind != Kind.MODERATION:
            return None
        actor = people.users[row.actor_id] if row.actor_id is not None else None
        return Single(row.pk, row.kind, row.group_id, actor, tweet, row.created_at)
