"""Decide about reports, and take decisions back.

A decision is one transaction: its effect, the strike, the end of the case, the notification and the
order for an e-mail. The account is locked first, so that of two moderators one decides and the
other hears of it.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts import deletion
from accounts import services as accounts
from accounts.language import speaking_to
from accounts.locks import lock_accounts
from accounts.mail.letters import Letter
from accounts.mail.queue import queue
from accounts.models import User
from chirp.errors import ChirpError, Conflict, NotAllowed, NotFound
from chirp.plain_text import clean_lines
from chirp.texts import shown
from chirp.texts import text as _
from chirp.times import rfc3339
from moderation import audit, wording
from moderation.models import ON_TWEETS, REASON_LENGTH, SUSPENDING, Action, Case, Strike
from moderation.reporting import open_case
from notifications import services as notifications
from tweets import moderation as on_tweets
from tweets.models import Tweet

# Each strike may notify several times: the references of one differ in these.
DECIDED, LIFTED, APPEALED = range(3)


class AlreadyDecided(Conflict):
    """Another moderator was first."""

    code = "already_decided"
    message = _("Somebody else has decided this in the meantime.")


class NoReason(ChirpError):
    """A strike needs a reason."""

    message = _("Write a reason. The person reads it.")
    field = "reason"


class NoTweets(ChirpError):
    """The action is done to tweets, and none of this account was chosen."""

    message = _("Choose tweets of this account.")
    field = "tweet_ids"


class NotAgainstStaff(NotAllowed):
    """Only superusers act against staff, and nobody against themselves."""

    message = _("You may not act against yourself, and only a superuser against other staff.")


def begin_case(*, account: User) -> Case:
    """Return the open case about an account, which needs no report."""
    with transaction.atomic():
        lock_accounts(account.pk)
        return open_case(account.pk)


def assign(*, case_id: int, by: User, to: User | None) -> Case:
    """Make a moderator responsible for an open case, or nobody. Raises as `decide`."""
    with transaction.atomic():
        case = _open(case_id)
        before, case.assignee = case.assignee_id, to
        case.save(update_fields=["assignee"])
        audit.record(
            "case.assigned",
            by=by.pk,
            on=case,
            account_id=case.account_id,
            before={"assignee_id": before},
            after={"assignee_id": to and to.pk},
        )
    return case


def decide(
    *,
    case_id: int,
    by: User,
    action: Action,
    now: datetime,
    reason: str = "",
    tweet_ids: Collection[int] = (),
    mail: bool = False,
) -> Strike | None:
    """Close a case with an action, and return the strike, or None for a dismissal.

    `mail` sends the reason by e-mail too. Raises NotFound, AlreadyDecided, NoReason, NoTweets,
    NotAgainstStaff and BadText.
    """
    reason = clean_lines(reason, field="reason", limit=REASON_LENGTH)
    with transaction.atomic():
        case = _open(case_id)
        before, strike = _state(case.account), None
        if action != Action.DISMISS:
            strike = _strike(case, by, action, now, reason, tweet_ids)
            note = wording.decision(action, reason)
            tell(strike, what=DECIDED, note=note)
            if mail:
                strike.mailed = True
                strike.save(update_fields=["mailed"])
                mail_about(strike, note, subject=_("A decision of the moderators"))
        case.closed_at, case.closed_by, case.outcome = now, by, action
        case.save(update_fields=["closed_at", "closed_by", "outcome"])
        done = {"action": action, "tweets": list(tweet_ids)}
        _audit("case.decided", case, case.account, by, before, **done)
    return strike


def lift(*, strike_id: int, by: User, now: datetime) -> None:
    """Take a strike back, and tell its account. Idempotent. Raises NotFound."""
    with transaction.atomic():
        strike = locked_strike(strike_id)
        if strike.lifted_at is None:
            before = _state(strike.account)
            undo(strike, by=by, now=now)
            _audit("strike.lifted", strike, strike.account, by, before, action=strike.action)
            tell(strike, what=LIFTED, note=wording.lifted(strike.action))


def undo(strike: Strike, *, by: User, now: datetime) -> None:
    """End the effects of a locked strike, as far as no other strike has them too."""
    strike.lifted_at, strike.lifted_by = now, by
    strike.save(update_fields=["lifted_at", "lifted_by"])
    standing = Strike.objects.filter(account=strike.account_id, lifted_at=None)
    others = standing.filter(action=strike.action).exclude(pk=strike.pk)
    kept = {tweet_id for ids in others.values_list("tweet_ids", flat=True) for tweet_id in ids}
    if strike.action in ON_TWEETS:
        _apply_to_tweets(strike, by, set(strike.tweet_ids) - kept, on=False)
    elif not others.exists():
        _apply_to_account(strike, by, now, on=False)


def _state(account: User) -> dict[str, Any]:
    """Return what decisions change of an account."""
    return {
        "suspended": account.suspended_at is not None,
        "limited": account.limited_at is not None,
        "delete_at": account.delete_at and rfc3339(account.delete_at),
    }


def _audit(
    what: str, on: Case | Strike, account: User, by: User, before: dict[str, Any], **more: Any
) -> None:
    """Record an act on an account, whose row has its new state."""
    after = {**_state(account), **{name: value for name, value in more.items() if value}}
    audit.record(what, by=by.pk, on=on, account_id=account.pk, before=before, after=after)


def locked_strike(strike_id: int) -> Strike:
    """Lock the account of a strike, and return the strike as it is now. Raises NotFound."""
    row = Strike.objects.filter(pk=strike_id).values_list("account", flat=True).first()
    if row is None:
        raise NotFound
    lock_accounts(row)
    return Strike.objects.select_related("account").get(pk=strike_id)


def mail_about(strike: Strike, note: str, *, subject: str) -> None:
    """Send the account of a strike an e-mail with a note, after the commit."""
    path = reverse("settings_strikes")
    letter = Letter(subject, (note,), label=_("All decisions, and how to appeal"), path=path)
    queue(letter, user=strike.account)


def tell(strike: Strike, *, what: int, note: str) -> None:
    """Notify the account of a strike. `what` is DECIDED, LIFTED or APPEALED: each tells once."""
    reference = 4 * strike.pk + what
    with speaking_to(strike.account):
        told = shown(note)
    notifications.moderated(recipient_id=strike.account_id, reference=reference, note=told)


def _open(case_id: int) -> Case:
    """Lock the account of an open case, and return the case. Raises NotFound, AlreadyDecided."""
    account = Case.objects.filter(pk=case_id).values_list("account", flat=True).first()
    if account is None:
        raise NotFound
    lock_accounts(account)
    case = Case.objects.select_related("account", "closed_by").get(pk=case_id)
    if case.closed_at is not None:
        who = case.closed_by
        raise AlreadyDecided(
            _("%(who)s has decided this in the meantime.", who=who) if who else None
        )
    return case


def _strike(
    case: Case, by: User, action: Action, now: datetime, reason: str, tweet_ids: Collection[int]
) -> Strike:
    account = case.account
    if account.pk == by.pk or (account.is_staff and not by.is_superuser):
        raise NotAgainstStaff
    if not reason:
        raise NoReason
    ids = _tweets_of(account, tweet_ids) if action in ON_TWEETS else []
    strike = Strike.objects.create(
        account=account, case=case, moderator=by, action=action, reason=reason, tweet_ids=ids
    )
    if ids:
        _apply_to_tweets(strike, by, ids, on=True)
    else:
        _apply_to_account(strike, by, now, on=True)
    return strike


def _tweets_of(account: User, tweet_ids: Collection[int]) -> list[int]:
    """Return those of the tweets that there still are. Raises NoTweets."""
    mine = Tweet.objects.filter(author=account, pk__in=tweet_ids, repost_of=None)
    found = list(mine.order_by("pk").values_list("pk", flat=True))
    if not found or set(tweet_ids) - set(found):
        raise NoTweets
    return found


def _remove(*, tweet_id: int, by: User, on: bool) -> None:
    act = on_tweets.hide_tweet if on else on_tweets.unhide_tweet
    act(tweet_id=tweet_id, by=by)


_TO_TWEETS: Mapping[str, Callable[..., None]] = {
    Action.SENSITIVE: on_tweets.mark_sensitive,
    Action.HIDE_MEDIA: on_tweets.hide_media,
    Action.REMOVE: _remove,
}


def _apply_to_tweets(strike: Strike, by: User, tweet_ids: Collection[int], *, on: bool) -> None:
    """Do to these tweets what the strike does, or undo it."""
    for tweet_id in sorted(tweet_ids):
        _TO_TWEETS[strike.action](tweet_id=tweet_id, by=by, on=on)


def _apply_to_account(strike: Strike, by: User, now: datetime, *, on: bool) -> None:
    """Do to the account what the strike does, or undo it."""
    user = strike.account
    if strike.action == Action.LIMIT and on:
        accounts.limit(user=user, by=by, now=now)
    elif strike.action == Action.LIMIT:
        accounts.unlimit(user=user, by=by)
    elif strike.action in SUSPENDING:
        _suspend(strike, by, now, on=on)


def _suspend(strike: Strike, by: User, now: datetime, *, on: bool) -> None:
    """Suspend the account of a strike, and have it deleted if that was decided, or undo it."""
    user = strike.account
    if strike.action == Action.DELETE:
        deletion.schedule(user=user, now=now) if on else deletion.unschedule(user=user, now=now)
    standing = Strike.objects.filter(account=user, lifted_at=None, action__in=SUSPENDING)
    if on:
        accounts.suspend(user=user, by=by, now=now)
    elif not standing.exclude(pk=strike.pk).exists():
        accounts.unsuspend(user=user, by=by)
