"""The terms of registration, and whether somebody meets them."""

from accounts.joining import domains
from accounts.joining.models import Mode, Terms
from chirp.errors import ChirpError, NotAllowed
from chirp.texts import text as _


class RegistrationClosed(NotAllowed):
    """Nobody may register."""

    code = "registration_closed"
    message = _("This site does not take new accounts.")


class InvitationNeeded(NotAllowed):
    """Only who has an invitation may register."""

    code = "invitation_needed"
    message = _("You need an invitation to register here.")
    field = "invitation"


class ReasonNeeded(ChirpError):
    """Staff decides about new accounts, and has nothing to decide by."""

    code = "reason_needed"
    message = _("Please say in a few words why you would like to have an account here.")
    field = "reason"


class WrongDomain(NotAllowed):
    """The address is of none of the domains that may register."""

    code = "email_domain_not_allowed"
    field = "email"


def current() -> Terms:
    """Return the terms that hold."""
    return Terms.objects.first() or Terms()


def check(terms: Terms, *, email: str, reason: str) -> None:
    """Check that somebody without an invitation may register.

    Raises RegistrationClosed, InvitationNeeded, ReasonNeeded or WrongDomain.
    """
    if terms.mode == Mode.CLOSED:
        raise RegistrationClosed
    if terms.mode == Mode.INVITATION:
        raise InvitationNeeded
    if terms.mode == Mode.APPROVAL and not reason:
        raise ReasonNeeded
    check_domain(terms, email)


def check_domain(terms: Terms, email: str) -> None:
    """Check that an account may have this address. Raises WrongDomain."""
    if terms.mode == Mode.DOMAINS and not domains.covers(terms.domains, email):
        names = ", ".join(domains.parsed(terms.domains))
        raise WrongDomain(
            _("Only e-mail addresses of these domains may register here: %(names)s.", names=names)
        )
