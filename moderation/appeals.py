"""Appeals against strikes: one for each, which a moderator accepts or rejects."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from chirp.errors import ChirpError, Conflict, NotFound
from chirp.plain_text import clean_lines
from chirp.texts import text as _
from moderation import audit, wording
from moderation.deciding import APPEALED, AlreadyDecided, locked_strike, mail_about, tell, undo
from moderation.models import APPEAL_LENGTH, REASON_LENGTH, Appeal, Strike


class AlreadyAppealed(Conflict):
    """There is an appeal against this strike."""

    code = "already_appealed"
    message = _("You have appealed against this already. There is one appeal for each decision.")


class NothingToAppeal(Conflict):
    """The strike was lifted."""

    code = "lifted"
    message = _("The moderators have taken this decision back already.")


class EmptyAppeal(ChirpError):
    """The appeal has no text."""

    message = _("Write why the decision is wrong.")
    field = "text"


def appeal(*, user: User, strike_id: int, text: str) -> Strike:
    """Appeal against a strike of the account, and return the strike.

    Raises NotFound, AlreadyAppealed, NothingToAppeal, EmptyAppeal and BadText.
    """
    text = clean_lines(text, field="text", limit=APPEAL_LENGTH)
    if not text:
        raise EmptyAppeal
    with transaction.atomic():
        if not Strike.objects.filter(pk=strike_id, account=user).exists():
            raise NotFound
        strike = locked_strike(strike_id)
        if strike.lifted_at is not None:
            raise NothingToAppeal
        if Appeal.objects.filter(strike=strike).exists():
            raise AlreadyAppealed
        Appeal.objects.create(strike=strike, text=text)
    return strike


def decide_appeal(
    *, strike_id: int, by: User, accept: bool, now: datetime, answer: str = ""
) -> None:
    """Accept an appeal, which takes the strike back, or reject it; and tell the account.

    Raises NotFound, AlreadyDecided and BadText.
    """
    answer = clean_lines(answer, field="answer", limit=REASON_LENGTH)
    with transaction.atomic():
        strike = locked_strike(strike_id)
        found = Appeal.objects.filter(strike=strike).first()
        if found is None:
            raise NotFound
        if found.decided_at is not None:
            raise AlreadyDecided
        found.decided_at, found.decided_by, found.accepted, found.answer = now, by, accept, answer
        found.save()
        audit.record(
            "appeal.decided",
            by=by.pk,
            on=strike,
            account_id=strike.account_id,
            before={"lifted": strike.lifted_at is not None},
            after={"accepted": accept, "lifted": accept or strike.lifted_at is not None},
        )
        if accept and strike.lifted_at is None:
            undo(strike, by=by, now=now)
        note = wording.appealed(strike.action, accepted=accept, answer=answer)
        tell(strike, what=APPEALED, note=note)
        if strike.mailed:
            mail_about(strike, note, subject=_("Your appeal"))
