"""Whether somebody can join, in the words of the pages for anonymous visitors."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.joining.domains import parsed
from accounts.joining.models import Mode, Terms
from accounts.sso.config import passwords_are_off, provider
from moderation.site import services


class Registration(NamedTuple):
    """What to offer to newcomers. `button` is empty where nobody can register."""

    button: str
    text: str
    message: str  # of those who run the site


def registration() -> Registration:
    """The state of registration. Makes no query."""
    terms = services.known_registration()
    return Registration(_button(terms), _text(terms), terms.message)


def _button(terms: Terms) -> str:
    if terms.mode == Mode.CLOSED:
        return ""
    by_provider = provider()
    if by_provider is not None and passwords_are_off():
        return _("Go on with %(provider)s") % {"provider": by_provider.label}
    return {
        Mode.INVITATION.value: _("I have an invitation"),
        Mode.APPROVAL.value: _("Ask for an account"),
    }.get(terms.mode, _("Create an account"))


def _text(terms: Terms) -> str:
    if terms.mode == Mode.DOMAINS:
        names = ", ".join(parsed(terms.domains))
        return _("For people with an e-mail address at %(domains)s.") % {"domains": names}
    return {
        Mode.INVITATION.value: _("New members need an invitation."),
        Mode.APPROVAL.value: _("Those who run the site look at each new account, and approve it."),
        Mode.CLOSED.value: _("This site does not take new accounts."),
    }.get(terms.mode, "")
