"""The texts of e-mails that concern an account. Each function returns a Letter.

A path leads to a page of the site. Secrets are in its query, which no log of the site has.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from chirp.texts import ntext, shown
from chirp.texts import text as _

IF_NOT_YOU = _("If it was not you, set a new password now. Every session ends then.")


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says: paragraphs, then a link with its label and a code, where it has them.

    The texts have yet to be shown in the language of the recipient.
    """

    subject: str
    lines: tuple[str, ...]
    label: str = ""
    path: str = ""
    code: str = ""

    def shown(self) -> "Letter":
        """The letter in the active language."""
        lines = tuple(shown(line) for line in self.lines)
        return replace(self, subject=shown(self.subject), lines=lines, label=shown(self.label))


def confirm_address(*, token: str, code: str, days: int) -> Letter:
    """Ask the owner of an address to confirm it."""
    return Letter(
        _("Confirm your e-mail address"),
        (
            ntext(
                "Please confirm that this address is yours, by the link or by the code. "
                "Both are valid for %(num)s day.",
                "Please confirm that this address is yours, by the link or by the code. "
                "Both are valid for %(num)s days.",
                days,
            ),
            _("If you have no account there, somebody mistyped their address: ignore this e-mail."),
        ),
        label=_("Confirm the address"),
        path=f"{reverse('confirm_email')}?{urlencode({'token': token})}",
        code=code,
    )


def set_password(*, token: str, hours: int) -> Letter:
    """A link to set a new password."""
    return Letter(
        _("Set a new password"),
        (
            ntext(
                "Somebody, probably you, asked for a new password for your account. "
                "The link is valid for %(num)s hour, and once.",
                "Somebody, probably you, asked for a new password for your account. "
                "The link is valid for %(num)s hours, and once.",
                hours,
            ),
            _("If it was not you, ignore this e-mail: your password stays as it is."),
        ),
        label=_("Set a new password"),
        path=f"{reverse('set_password')}?{urlencode({'token': token})}",
    )


def approved() -> Letter:
    """Tell an applicant that the account can be used."""
    return Letter(
        _("Your account is ready"),
        (_("Your account was approved. You can log in now."),),
        label=_("Log in"),
        path=reverse("login"),
    )


def deletion_ordered(*, due: datetime) -> Letter:
    """Tell the owner of an account when it is going to be deleted, and how to keep it."""
    return Letter(
        _("Your account will be deleted"),
        (
            _(
                "Your account is hidden now, and will be deleted for good on %(date)s.",
                date=due,
            ),
            _("Until then you can keep it: log in, and choose to keep it. All of it is back then."),
            IF_NOT_YOU,
        ),
        label=_("Log in"),
        path=reverse("login"),
    )


def rejected(answer: str) -> Letter:
    """Tell an applicant that there will be no account. `answer` is what staff wrote, or empty."""
    said = (_("They wrote: %(answer)s", answer=answer),) if answer else ()
    return Letter(
        _("Your account was not approved"),
        (
            _("Those who run the site decided against your account. What you entered is deleted."),
            *said,
        ),
    )


def somebody_applies(handle: str) -> Letter:
    """Tell the staff that an account waits for approval."""
    return Letter(
        _("Somebody would like to have an account"),
        (_("@%(handle)s waits for approval. Decide in the admin.", handle=handle),),
        label=_("Waiting accounts"),
        path=reverse("admin:accounts_waiting_changelist"),
    )


def address_changed(*, new: str) -> Letter:
    """Tell the old address of an account that it has another one now."""
    return Letter(
        _("Your e-mail address was changed"),
        (
            _(
                "The e-mail address of your account is %(address)s now. This one is not used any "
                "more.",
                address=new,
            ),
            _("If it was not you, write to those who run the site."),
        ),
    )


def passkey_copied() -> Letter:
    """Tell the owner of an account that one of its passkeys was refused."""
    return Letter(
        _("A passkey of your account was refused"),
        (
            _(
                "A passkey was refused, because its counter of uses went back. That can mean that "
                "somebody has a copy of it. Remove it in your settings, and add it again."
            ),
        ),
        label=_("Your passkeys"),
        path=reverse("two_step"),
    )


def security_changed(what: str) -> Letter:
    """Tell the owner of an account that something of its security changed, as a sentence."""
    return Letter(
        _("The security of your account was changed"),
        (what, IF_NOT_YOU),
        label=_("Set a new password"),
        path=reverse("forgotten_password"),
    )
