"""Decisions of staff about accounts that wait, outside of the admin."""

from django.db import transaction

from accounts import factors
from accounts.joining import waiting
from accounts.joining.models import Waiting
from accounts.models import User
from chirp.admin_log import log_change
from chirp.errors import NotAllowed
from chirp.pagination import Page, PageRequest, paginate
from chirp.texts import text as _


class MayNotDecide(NotAllowed):
    """Only staff with the permission decides about new accounts."""

    message = _("Only moderators decide about new accounts.")


def check_may_decide(user: User) -> None:
    """Raise MayNotDecide."""
    may = user.is_staff and user.has_perm(waiting.MAY_DECIDE)
    if not (may and factors.may_use_admin(user)):
        raise MayNotDecide


def applications(*, by: User, page: PageRequest) -> Page[Waiting]:
    """Return the accounts that wait, the latest first. Raises MayNotDecide."""
    check_may_decide(by)
    return paginate(Waiting.objects.select_related("user"), page=page)


@transaction.atomic
def approve(*, by: User, user_id: int) -> None:
    """Let an account begin. Raises MayNotDecide and NotFound."""
    check_may_decide(by)
    row = waiting.for_decision(user_id=user_id)
    waiting.approve(row)
    log_change(row, by=by.pk, what="Approved")


@transaction.atomic
def reject(*, by: User, user_id: int, answer: str = "") -> None:
    """Delete an account that waits. Raises MayNotDecide, NotFound and BadText."""
    check_may_decide(by)
    row = waiting.for_decision(user_id=user_id)
    waiting.reject(row, answer=answer)
    log_change(row, by=by.pk, what="Rejected")
