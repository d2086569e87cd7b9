"""Sign up: the account that a person makes, with all that follows from it.

Every face comes through here, so the terms of the site hold on each. Operators create accounts by
commands, which ask for no terms.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import emails, services
from accounts.joining import invitations, waiting
from accounts.joining import terms as joining
from accounts.joining.models import REASON_LENGTH, Mode, Waiting
from accounts.joining.waiting import NotYet
from accounts.language import language_to_keep
from accounts.models import User
from accounts.sso.config import PasswordsOff, passwords_are_off
from accounts.validation import clean_email
from chirp.plain_text import clean_lines


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new account, and why it cannot begin yet, if so."""

    user: User
    waits: NotYet | None


def sign_up(
    *,
    handle: str,
    email: str,
    password: str,
    now: datetime,
    name: str = "",
    address: str = "",
    invitation: str = "",
    reason: str = "",
) -> SignedUp:
    """Create an account, and ask for the confirmation of its address.

    An invitation is as good as an approval, and as an address of the right domain. Raises what
    services.register and joining.check do, BadInvitation, and PasswordsOff.
    """
    if passwords_are_off():
        raise PasswordsOff
    return sign_up_as(
        handle=handle,
        email=email,
        password=password,
        now=now,
        name=name,
        address=address,
        invitation=invitation,
        reason=reason,
    )


@transaction.atomic
def sign_up_as(
    *,
    handle: str,
    email: str,
    password: str | None,
    now: datetime,
    name: str,
    address: str,
    invitation: str,
    reason: str,
    admitted: bool = False,
    confirmed: bool = False,
) -> SignedUp:
    """Like `sign_up`, for somebody whom single sign-on knows, and perhaps without a password.

    To be `admitted` is as good as an invitation. The address may have been `confirmed`.
    """
    terms, email = joining.current(), clean_email(email)
    reason = clean_lines(reason, field="reason", limit=REASON_LENGTH)
    if terms.mode == Mode.CLOSED:
        raise joining.RegistrationClosed
    invited = invitations.find(code=invitation, now=now) if invitation.strip() else None
    if invited is None and not admitted:
        joining.check(terms, email=email, reason=reason)
    user = services.register(
        handle=handle, email=email, password=password, name=name, address=address
    )
    if language := language_to_keep():
        services.write_profile(user_id=user.pk, values={"language": language})
        user.language = language  # in which the e-mail that follows is written
    if invited is not None:
        invitations.use(invited, user=user)
    elif not admitted and terms.mode in WAITS_FOR:
        waiting.begin(user=user, what=WAITS_FOR[terms.mode], reason=reason, now=now)
    if confirmed:
        emails.mark_verified(user=user)  # ends the waiting for it
    else:
        emails.ask_to_confirm(user=user, now=now)
    user.refresh_from_db(fields=["deactivated_at"])
    return SignedUp(user, waiting.error_of(user))


# What a new account without an invitation waits for.
WAITS_FOR: dict[str, str] = {
    Mode.APPROVAL: Waiting.For.APPROVAL,
    Mode.DOMAINS: Waiting.For.ADDRESS,
}
