"""Invitations: who may make them, and what they are good for.

One counts as long as it is not used up, revoked or expired, and as long as the account that made it
is active and still may invite.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from accounts.joining import terms
from accounts.joining.models import NOTE_LENGTH, Arrival, Invitation, Mode, Terms
from accounts.locks import lock_accounts
from accounts.models import User
from chirp import hooks
from chirp.errors import ChirpError, Conflict, NotAllowed, NotFound
from chirp.pagination import Page, PageRequest, paginate
from chirp.plain_text import clean_line, is_storable
from chirp.texts import ntext
from chirp.texts import text as _

MAX_DAYS = 365
MAX_USES = 1000
# Of one account that is not of the staff, at a time.
MAX_OPEN = 20
SHOWN = 20  # of the accounts that came by one


class BadInvitation(ChirpError):
    """There is no such invitation, or it is used up, revoked or expired: all look the same."""

    code = "bad_invitation"
    message = _("This invitation is not valid: it is mistyped, used up, too old or was revoked.")
    field = "invitation"


class MayNotInvite(NotAllowed):
    """The account may not invite others."""

    code = "may_not_invite"
    message = _("You may not invite others here.")


class TooManyInvitations(Conflict):
    """The account has many invitations that are still open."""

    code = "too_many_invitations"
    message = ntext(
        "You have %(num)s open invitations. Revoke one of them first.",
        "You have %(num)s open invitations. Revoke one of them first.",
        MAX_OPEN,
    )


class BadTerms(ChirpError):
    """The number of uses or days is out of range."""

    code = "bad_invitation_terms"


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation, and what became of it: how many came by it, and the first of them."""

    invitation: Invitation
    is_open: bool
    count: int
    joined: list[User]


def may_invite(user: User, at: Terms | None = None) -> bool:
    """Return whether an account may invite others. `at` are the terms, if they were read."""
    if not user.is_active:
        return False
    at = at or terms.current()
    return at.mode != Mode.CLOSED and (user.is_staff or at.members_invite)


@transaction.atomic
def create(
    *,
    by: User | None,
    now: datetime,
    uses: int | None = 1,
    days: int | None = 7,
    note: str = "",
    follow: bool = False,
) -> Invitation:
    """Create an invitation. None for `by` is an operator; for uses and days it is no limit.

    Raises MayNotInvite, TooManyInvitations, BadTerms and BadText.
    """
    if by is not None:
        _check_may_invite(by, now)
    _check_range(uses, MAX_USES, "uses")
    _check_range(days, MAX_DAYS, "days")
    return Invitation.objects.create(
        code=secrets.token_urlsafe(16),
        inviter=by,
        note=clean_line(note, field="note", limit=NOTE_LENGTH),
        uses_left=uses,
        expires_at=None if days is None else now + timedelta(days=days),
        follow=follow and by is not None,
    )


def _check_may_invite(user: User, now: datetime) -> None:
    if not may_invite(user):
        raise MayNotInvite
    if user.is_staff:
        return
    lock_accounts(user.pk)  # what comes at the same time is counted too
    if _open(now).filter(inviter=user).count() >= MAX_OPEN:
        raise TooManyInvitations


def _check_range(number: int | None, most: int, field: str) -> None:
    if number is not None and not 1 <= number <= most:
        raise BadTerms(_("From 1 to %(most)s.", most=most), field=field)


def find(*, code: str, now: datetime) -> Invitation:
    """Return the invitation with this code. Raises BadInvitation."""
    code = code.strip()
    rows = _open(now).select_related("inviter")
    found = rows.filter(code=code).first() if code and is_storable(code) else None
    if found is None or (found.inviter is not None and not may_invite(found.inviter)):
        raise BadInvitation
    return found


def use(invitation: Invitation, *, user: User) -> None:
    """Note that a new account came by an invitation, at the end of its transaction.

    Raises BadInvitation if it is used up or revoked by now: of those that come at the same time,
    one gets the last use.
    """
    is_there = Invitation.objects.filter(pk=invitation.pk, revoked_at=None).exclude(uses_left=0)
    if not is_there.update(uses_left=F("uses_left") - 1):
        raise BadInvitation
    Arrival.objects.create(user=user, invitation=invitation)
    if invitation.follow and invitation.inviter is not None:
        hooks.run("account.invited", user=user, inviter=invitation.inviter)


def revoke(*, by: User, invitation_id: int, now: datetime) -> None:
    """Let nobody come any more by an invitation of `by`. Idempotent. Raises NotFound."""
    invitation = Invitation.objects.filter(pk=invitation_id, inviter=by).first()
    if invitation is None:
        raise NotFound
    revoke_any(invitation, now=now)


def revoke_any(invitation: Invitation, *, now: datetime) -> None:
    """Let nobody come any more by an invitation. Idempotent."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=now)


def sent_by(*, user: User, page: PageRequest, now: datetime) -> Page[Sent]:
    """Return the invitations of an account, the latest first, with who came by them."""
    rows = Invitation.objects.filter(inviter=user).annotate(count=Count("arrivals"))
    found = paginate(rows, page=page)
    return Page(_with_arrivals(found.results, now), next=found.next, previous=found.previous)


def sent(*, user: User, invitation_id: int, now: datetime) -> Sent:
    """Return one invitation of an account. Raises NotFound."""
    rows = Invitation.objects.filter(inviter=user, pk=invitation_id)
    found = _with_arrivals(rows.annotate(count=Count("arrivals")), now)
    if not found:
        raise NotFound
    return found[0]


def _with_arrivals(rows: Iterable[Invitation], now: datetime) -> list[Sent]:
    invitations = list(rows)
    joined: dict[int, list[User]] = {row.pk: [] for row in invitations}
    arrivals = Arrival.objects.filter(invitation__in=joined).select_related("user")
    for arrival in arrivals.order_by("user_id")[: SHOWN * max(len(joined), 1)]:
        if arrival.user.is_active and len(joined[arrival.invitation_id]) < SHOWN:
            joined[arrival.invitation_id].append(arrival.user)
    still = set(_open(now).filter(pk__in=joined).values_list("pk", flat=True))
    return [Sent(row, row.pk in still, row.count, joined[row.pk]) for row in invitations]  # type: ignore[attr-defined]


def _open(now: datetime) -> QuerySet[Invitation]:
    fresh = Q(expires_at=None) | Q(expires_at__gt=now)
    return Invitation.objects.filter(fresh, revoked_at=None).exclude(uses_left=0)
