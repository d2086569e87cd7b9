"""What an account reads of its notifications.

Blocks, mutes, deletions and suspensions count at every read, at once. The tasks that retract what
is stored make counts exact a little later.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import connection

from accounts.models import User
from chirp.db.prepared import Question
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from filters.models import Context
from notifications import markers, sql
from notifications.kinds import Kind
from notifications.models import Group, Notification, Request
from notifications.settling import SAMPLE
from people.selectors import Relationship, relationships
from tweets.read.facts import Facts, may_see
from tweets.read.filtered import Sieve
from tweets.read.hydrate import hydrate
from tweets.read.paging import FilteredList, Rows

# How many notifications of a group are looked at for one that the viewer sees.
DEPTH = 50
COUNTED = 100  # unread groups; beyond that there are "99+"


@dataclass(frozen=True, slots=True)
class Item:
    """A group of notifications as its recipient reads it.

    `actors` are the newest of the `count` accounts; a notice has none. `tweet` is None for kinds
    without one. `latest_id` is the position in the list.
    """

    id: int
    kind: str
    note: str
    count: int
    actors: list[User]
    tweet: Facts | None
    latest_id: int
    latest_at: datetime
    unread: bool


class Reading(NamedTuple):
    """The number of unread groups, at most COUNTED, and the read position of home or 0.

    `conversations` is the number of unread conversations of direct tweets, at most COUNTED too.
    """

    unread: int
    home: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Stranger:
    """A stranger whose notifications wait in the requests, and the newest of them."""

    actor: User
    count: int
    kind: str
    tweet: Facts | None
    latest_id: int
    latest_at: datetime


def notifications(
    *,
    viewer: User,
    page: PageRequest,
    kinds: Collection[Kind] = (),
    actor_id: int | None = None,
) -> Page[Item]:
    """Return one page of groups, the latest first, of these kinds or of all.

    With `actor_id`, only those of which this account is one of the latest.
    """
    rows = Group.objects.filter(recipient=viewer, count__gt=0, visible=True)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if actor_id is not None:
        rows = rows.filter(actors__contains=[actor_id])
    sieve = Sieve.of(viewer, Context.NOTIFICATIONS)
    groups = _Groups(viewer, markers.last_read(user=viewer), sieve)
    return FilteredList(Rows(rows, "newest_id"), groups.shown).page(page)


def group(*, viewer: User, group_id: int) -> Item:
    """Return one group. Raises NotFound if the viewer does not see it."""
    rows = Group.objects.filter(recipient=viewer, count__gt=0, visible=True, pk=group_id)
    sieve = Sieve.of(viewer, Context.NOTIFICATIONS)
    shown = _Groups(viewer, markers.last_read(user=viewer), sieve).shown(
        list(rows.values_list("pk", flat=True))
    )
    if group_id not in shown:
        raise NotFound
    return shown[group_id]


def requests(*, viewer: User, page: PageRequest) -> Page[Stranger]:
    """Return one page of the strangers whose notifications are filtered, the latest first."""
    rows = Request.objects.filter(recipient=viewer, count__gt=0, accepted=False)
    return FilteredList(Rows(rows, "newest_id"), partial(_strangers, viewer)).page(page)


def reading(*, user_id: int) -> Reading:
    """Return what every page of the site shows of an account's reading. Makes one query."""
    return asks_reading(user_id=user_id).answer()


def asks_reading(*, user_id: int) -> Question[Reading]:
    """Return the question that `reading` answers."""
    parameters = {"user": user_id, "limit": COUNTED, "depth": DEPTH}
    return Question(sql.READING, parameters, lambda rows: Reading(*rows[0]))


def unread(*, user_id: int) -> int:
    """Return the number of unread groups, at most COUNTED. Makes one query."""
    return reading(user_id=user_id).unread


@dataclass(frozen=True, slots=True)
class People:
    """Actors of a page, and their relationships to the viewer."""

    users: Mapping[int, User]
    between: Mapping[int, Relationship]

    @classmethod
    def of(cls, viewer: User, ids: Collection[int]) -> "People":
        """Load the active accounts among `ids`. Makes two queries."""
        users = User.objects.active().in_bulk(list(ids))
        return cls(users, relationships(viewer=viewer, user_ids=list(users)) if users else {})

    def are_shown(self, id_: int, kind: str) -> bool:
        """Return whether the viewer hears of what this account did."""
        if id_ not in self.users:
            return False
        between = self.between[id_]
        if between.blocking or between.blocked_by or between.muting:
            return False
        # As in the lists of likes and reposts: a private account's are known to its followers.
        is_known = kind not in (Kind.LIKE, Kind.REPOST) or not self.users[id_].private
        return is_known or between.following


class Row(NamedTuple):
    """A notification of a group."""

    group_id: int
    id: int
    actor_id: int
    created_at: datetime


class Heard(NamedTuple):
    """What the viewer hears of a group: its newest actors, and how many newer ones are hidden."""

    actors: list[User]
    hidden: int
    newest_id: int
    newest_at: datetime

    @classmethod
    def named_by(cls, group: Group, people: People) -> "Heard":
        """Return what they hear of the actors that the group names."""
        shown = [people.users[id_] for id_ in group.actors if people.are_shown(id_, group.kind)]
        hidden = len(group.actors) - len(shown)
        return cls(shown, hidden, group.newest_id, group.newest_at)

    @classmethod
    def among(cls, rows: Sequence[Row], group: Group, people: People) -> "Heard":
        """Return what they hear of these notifications, the newest first."""
        shown = [row for row in rows if people.are_shown(row.actor_id, group.kind)]
        if not shown:
            return cls([], len(rows), group.newest_id, group.newest_at)
        actors = [people.users[row.actor_id] for row in shown[:SAMPLE]]
        return cls(actors, len(rows) - len(shown), shown[0].id, shown[0].created_at)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Loads groups for one viewer."""

    viewer: User
    last_read: int
    sieve: Sieve

    def shown(self, ids: list[int]) -> dict[int, Item]:
        """Return those that the viewer sees, by id.

        Makes five queries, however many there are; eight if the newest actors of one are hidden.
        """
        groups = Group.objects.in_bulk(ids)
        about = [group.tweet_id for group in groups.values()]
        tweets = visible_tweets(self.viewer, about, self.sieve)
        heard = self._heard(groups)
        items = {id_: self._item(group, heard[id_], tweets) for id_, group in groups.items()}
        return {id_: item for id_, item in items.items() if item is not None}

    def _heard(self, groups: Mapping[int, Group]) -> dict[int, Heard]:
        """Return of each group the newest actors that the viewer hears of."""
        people = People.of(self.viewer, {id_ for group in groups.values() for id_ in group.actors})
        heard = {id_: Heard.named_by(group, people) for id_, group in groups.items()}
        covered = {
            id_: groups[id_]
            for id_, found in heard.items()
            if not found.actors and groups[id_].count > found.hidden
        }
        return heard | (self._further(covered) if covered else {})

    def _further(self, groups: Mapping[int, Group]) -> dict[int, Heard]:
        """Look behind the actors that groups name: those are hidden, and no task knows it yet."""
        with connection.cursor() as cursor:
            cursor.execute(sql.NEWEST, {"groups": list(groups), "depth": DEPTH})
            rows = [Row(*row) for row in cursor.fetchall()]
        people = People.of(self.viewer, {row.actor_id for row in rows})
        return {
            id_: Heard.among([row for row in rows if row.group_id == id_], group, people)
            for id_, group in groups.items()
        }

    def _item(self, group: Group, heard: Heard, tweets: Mapping[int, Facts]) -> Item | None:
        """Return the group as the viewer sees it; None if they do not."""
        tweet = tweets.get(group.tweet_id or 0)
        is_hidden = group.tweet_id is not None and tweet is None
        if (group.actors and not heard.actors) or (is_hidden and group.kind != Kind.MODERATION):
            return None
        return Item(
            id=group.pk,
            kind=group.kind,
            note=group.note,
            count=group.count - heard.hidden,
            actors=heard.actors,
            tweet=tweet,
            latest_id=group.newest_id,
            latest_at=heard.newest_at,
            unread=heard.newest_id > self.last_read,
        )


def _strangers(viewer: User, ids: list[int]) -> dict[int, Stranger]:
    """Return the strangers of whom the viewer hears, by the id of the request.

    Makes six queries, however many there are.
    """
    waiting = Request.objects.in_bulk(ids)
    people = People.of(viewer, {request.actor_id for request in waiting.values()})
    latest = Notification.objects.select_related("group").in_bulk(
        [request.newest_id for request in waiting.values()]
    )
    about = [each.group.tweet_id for each in latest.values()]
    tweets = visible_tweets(viewer, about, Sieve.of(viewer, Context.NOTIFICATIONS))
    return {
        id_: Stranger(
            people.users[request.actor_id],
            request.count,
            newest.kind,
            tweets.get(newest.group.tweet_id or 0),
            newest.pk,
            newest.created_at,
        )
        for id_, request in waiting.items()
        if (newest := latest.get(request.newest_id))
        and people.are_shown(request.actor_id, newest.kind)
    }


def visible_tweets(viewer: User, ids: Sequence[int | None], sieve: Sieve) -> dict[int, Facts]:
    """Return those of the tweets that the viewer may see and no filter hides. Makes two queries."""
    wanted = {id_ for id_ in ids if id_ is not None}
    found = hydrate(wanted, viewer_id=viewer.pk) if wanted else []
    return {tweet.id: tweet for tweet in sieve.sift([t for t in found if may_see(t)])}
