"""Settle notifications: bring their rows to what is true in Postgres now.

Tasks run twice, late and in any order, so none of them says what to write. It names possible
notifications (`Cause`), and `settle` looks at the like, the follow or the tweet itself. All
changes for one recipient run one after the other, under a lock that is taken before anything is
read. The last of several racing tasks therefore sees the last change, and the ids of one
recipient's notifications increase in the order of commits. Nothing else waits for that lock:
neither a like, nor a reader, nor one who marks notifications as read.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction

from filters.models import Context
from notifications import sql
from notifications.events import NotificationsChanged
from notifications.kinds import OPEN_TO_STRANGERS, Kind
from notifications.models import Group, Notification, Request
from notifications.models import Settings as HowToHear
from notifications.push.planning import plan
from outbox.services import publish
from tweets.read.facts import may_see
from tweets.read.filtered import Sieve
from tweets.read.hydrate import hydrate

SAMPLE = 5  # actors that a group names; the others are counted
Strangers = HowToHear.Strangers


class Cause(NamedTuple):
    """A possible notification. Without an actor it is a notice, which is never retracted."""

    recipient_id: int
    kind: str
    tweet_id: int | None = None
    actor_id: int | None = None
    bucket: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is true of a cause now. `existing` is the id of its notification, if there is one."""

    stands: bool
    unwanted: bool
    stranger: bool
    strangers: str
    existing: int | None
    standing: bool


class Change(NamedTuple):
    """A notification that was written."""

    group_id: int
    recipient_id: int
    actor_id: int | None
    standing: bool
    filtered: bool
    id: int


@transaction.atomic
def settle(causes: Iterable[Cause], *, create: bool) -> None:
    """Write these notifications if their cause stands, and retract them if it does not.

    Without `create` only existing notifications change. Nobody is notified of what they did
    themselves. Idempotent.
    """
    causes = [cause for cause in dict.fromkeys(causes) if cause.actor_id != cause.recipient_id]
    if not causes:
        return
    lock({cause.recipient_id for cause in causes})
    judged = list(zip(causes, _judge(causes), strict=True))
    changes = _set_standing(verdict for _, verdict in judged)
    added = _insert([pair for pair in judged if _is_new(pair[1])]) if create else []
    refresh([*changes, *added])
    # What is back is not new: devices have heard of it.
    plan(change.id for change in added if not change.filtered)


def settle_tweet(groups: Sequence[Group]) -> None:
    """Show or hide these groups, as their recipients may see the tweets now. Idempotent."""
    with transaction.atomic():
        lock({group.recipient_id for group in groups})
        seen = visible({(g.recipient_id, g.tweet_id) for g in groups if g.tweet_id is not None})
        shown = [(g.recipient_id, g.tweet_id) in seen for g in groups]
        with connection.cursor() as cursor:
            cursor.execute(sql.SHOW_GROUPS, [[group.pk for group in groups], shown])
            changed = cursor.fetchall()
        if changed:
            recipients, ids = (sorted(set(column)) for column in zip(*changed, strict=True))
            publish(NotificationsChanged(recipient_ids=recipients, groups=ids, new=[]))


def accept(*, recipient_id: int, actor_id: int) -> None:
    """Show what was filtered of an actor's notifications. Call it in a transaction."""
    lock({recipient_id})
    Request.objects.filter(recipient_id=recipient_id, actor_id=actor_id).update(
        accepted=True, count=0
    )
    changed = _changes(sql.UNFILTER, [actor_id, recipient_id])
    refresh([change for change in changed if change.standing])


def dismiss(*, recipient_id: int, ids: Sequence[int]) -> None:
    """Retract notifications that their recipient does not want to see any more.

    Call it in a transaction.
    """
    lock({recipient_id})
    own = Notification.objects.filter(recipient_id=recipient_id, pk__in=ids)
    retract(own.values_list("pk", flat=True))


def retract(ids: Iterable[int]) -> None:
    """Retract notifications whose recipients are locked, and redo what groups say of them."""
    standing = Notification.objects.filter(pk__in=list(ids), standing=True)
    refresh(_changes(sql.SET_STANDING, [False, list(standing.values_list("pk", flat=True))]))


def dismiss_all(*, recipient_id: int) -> None:
    """Retract all notifications of an account but those of moderators. Needs a transaction."""
    lock({recipient_id})
    own = Notification.objects.filter(recipient_id=recipient_id, filtered=False)
    own.exclude(kind=Kind.MODERATION).update(standing=False)
    groups = Group.objects.filter(recipient=recipient_id, count__gt=0)
    groups.exclude(kind=Kind.MODERATION).update(count=0, actors=[])


def lock(recipient_ids: Collection[int]) -> None:
    """Wait for other changes to the notifications of these accounts. Needs a transaction."""
    _run(sql.LOCK_RECIPIENTS, [list(recipient_ids)])


def visible(pairs: Collection[tuple[int, int]], *, filtered: bool = False) -> set[tuple[int, int]]:
    """Return those (account id, tweet id) of which the account may see the tweet.

    With `filtered`, tweets that the account's filters hide are left out. Makes one query for each
    account, or two.
    """
    context = Context.NOTIFICATIONS if filtered else None
    by_account: dict[int, list[int]] = {}
    for account_id, tweet_id in pairs:
        by_account.setdefault(account_id, []).append(tweet_id)
    return {
        (account_id, tweet.id)
        for account_id, tweet_ids in by_account.items()
        for tweet in Sieve(account_id, context).sift(
            [found for found in hydrate(tweet_ids, viewer_id=account_id) if may_see(found)]
        )
    }


def refresh(changes: Sequence[Change]) -> None:
    """Redo what groups and requests say about the notifications that have changed.

    Streams of the recipients hear of those that are not filtered.
    """
    by_group: dict[int, int] = {}
    for change in changes:
        if not change.filtered:
            by = 1 if change.standing else -1
            by_group[change.group_id] = by_group.get(change.group_id, 0) + by
    groups = sorted(by_group)
    if groups:
        counted = [by_group[group] for group in groups]
        _run(sql.REFRESH_GROUPS, {"groups": groups, "changes": counted, "sample": SAMPLE})
        _tell([change for change in changes if not change.filtered])
    strangers = [change for change in changes if change.filtered and change.actor_id is not None]
    if strangers:
        refresh_requests([(change.recipient_id, change.actor_id or 0) for change in strangers])


def _tell(changes: Sequence[Change]) -> None:
    publish(
        NotificationsChanged(
            recipient_ids=sorted({change.recipient_id for change in changes}),
            groups=sorted({change.group_id for change in changes}),
            new=sorted(change.id for change in changes if change.standing),
        )
    )


def refresh_requests(pairs: Sequence[tuple[int, int]]) -> None:
    """Redo the requests of these pairs of (recipient, actor), whose recipients are locked."""
    recipients, actors = zip(*pairs, strict=True)
    _run(sql.REFRESH_REQUESTS, {"recipients": list(recipients), "actors": list(actors)})


def _judge(causes: Sequence[Cause]) -> list[Verdict]:
    """Return what is true of each cause now. Lock the recipients before."""
    parameters = _columns(causes)
    with connection.cursor() as cursor:
        cursor.execute(sql.JUDGE, parameters)
        verdicts = [(cause, *row) for cause, row in zip(causes, cursor.fetchall(), strict=True)]
    return [
        Verdict(stands, _is_unwanted(cause, unwanted), _is_strange(cause, stranger), *rest)
        for cause, stands, unwanted, stranger, *rest in verdicts
    ]


def _is_unwanted(cause: Cause, is_off: bool) -> bool:
    return is_off and cause.kind != Kind.MODERATION


def _is_strange(cause: Cause, stranger: bool) -> bool:
    return stranger and cause.kind not in OPEN_TO_STRANGERS


def _is_new(verdict: Verdict) -> bool:
    """Return whether a notification is to be inserted, as far as its tweet may be seen."""
    dropped = verdict.stranger and verdict.strangers == Strangers.DROP
    return verdict.stands and verdict.existing is None and not (verdict.unwanted or dropped)


def _set_standing(verdicts: Iterable[Verdict]) -> list[Change]:
    """Retract and restore existing notifications whose cause is undone or is there again."""
    changes = []
    ids: dict[bool, list[int]] = {True: [], False: []}
    for verdict in verdicts:
        if verdict.existing is not None and verdict.standing != verdict.stands:
            ids[verdict.stands].append(verdict.existing)
    for stands, changed in ids.items():
        if changed:
            changes += _changes(sql.SET_STANDING, [stands, changed])
    return changes


def _insert(judged: Sequence[tuple[Cause, Verdict]]) -> list[Change]:
    """Insert notifications about tweets that their recipients may see and want to, and others."""
    about = {(c.recipient_id, c.tweet_id) for c, _ in judged if c.tweet_id is not None}
    seen = visible(about, filtered=True)
    new = [
        (cause, verdict)
        for cause, verdict in judged
        if cause.tweet_id is None
        or cause.kind == Kind.MODERATION
        or (cause.recipient_id, cause.tweet_id) in seen
    ]
    if not new:
        return []
    columns = _columns([cause for cause, _ in new])
    _run(sql.INSERT_GROUPS, {**columns, "notes": [cause.note for cause, _ in new]})
    filtered = [v.stranger and v.strangers == Strangers.FILTER for _, v in new]
    return _changes(sql.INSERT_NOTIFICATIONS, {**columns, "filtered": filtered})


def _columns(causes: Sequence[Cause]) -> dict[str, list[Any]]:
    return {
        "recipients": [cause.recipient_id for cause in causes],
        "kinds": [str(cause.kind) for cause in causes],
        "tweets": [cause.tweet_id for cause in causes],
        "actors": [cause.actor_id for cause in causes],
        "buckets": [cause.bucket for cause in causes],
    }


def _changes(query: str, parameters: Any) -> list[Change]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [Change(*row) for row in cursor.fetchall()]


def _run(query: str, parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)


def causes_of(notifications: Iterable[Notification]) -> list[Cause]:
    """Return the causes of existing notifications, which were loaded with their groups."""
    return [
        Cause(n.recipient_id, n.kind, n.group.tweet_id, n.actor_id, n.group.bucket)
        for n in notifications
    ]
