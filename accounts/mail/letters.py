"""The texts of e-mails that concern an account. Each function returns a Letter.

A path leads to a page of the site. Secrets are in its query, which no log of the site has.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

IF_NOT_YOU = "If it was not you, set a new password now. Every session ends then."


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says: paragraphs, then a link with its label and a code, where it has them."""

    subject: str
    lines: tuple[str, ...]
    label: str = ""
    path: str = ""
    code: str = ""


def confirm_address(*, token: str, code: str, days: int) -> Letter:
    """Ask the owner of an address to confirm it."""
    return Letter(
        "Confirm your e-mail address",
        (
            "please confirm that this address is yours, by the link or by the code. "
            f"Both are valid for {days} days.",
            "If you have no account there, somebody mistyped their address: ignore this e-mail.",
        ),
        label="Confirm the address",
        path=f"{reverse('confirm_email')}?{urlencode({'token': token})}",
        code=code,
    )


def set_password(*, token: str, hours: int) -> Letter:
    """A link to set a new password."""
    return Letter(
        "Set a new password",
        (
            "somebody, probably you, asked for a new password for your account. "
            f"The link is valid for {hours} hours, and once.",
            "If it was not you, ignore this e-mail: your password stays as it is.",
        ),
        label="Set a new password",
        path=f"{reverse('set_password')}?{urlencode({'token': token})}",
    )


def approved() -> Letter:
    """Tell an applicant that the account can be used."""
    return Letter(
        "Your account is ready",
        ("your account was approved. You can log in now.",),
        label="Log in",
        path=reverse("login"),
    )


def deletion_ordered(*, due: datetime) -> Letter:
    """Tell the owner of an account when it is going to be deleted, and how to keep it."""
    return Letter(
        "Your account will be deleted",
        (
            f"your account is hidden now, and will be deleted for good on {due:%d %B %Y}.",
            "Until then you can keep it: sign in, and choose to keep it. All of it is back then.",
            IF_NOT_YOU,
        ),
        label="Sign in",
        path=reverse("login"),
    )


def rejected(answer: str) -> Letter:
    """Tell an applicant that there will be no account. `answer` is what staff wrote, or empty."""
    said = (f"They wrote: {answer}",) if answer else ()
    return Letter(
        "Your account was not approved",
        (
            "those who run the site decided against your account. What you entered is deleted.",
            *said,
        ),
    )


def somebody_applies(handle: str) -> Letter:
    """Tell the staff that an account waits for approval."""
    return Letter(
        "Somebody would like to have an account",
        (f"@{handle} waits for approval. Decide in the admin.",),
        label="Waiting accounts",
        path=reverse("admin:accounts_waiting_changelist"),
    )


def address_changed(*, new: str) -> Letter:
    """Tell the old address of an account that it has another one now."""
    return Letter(
        "Your e-mail address was changed",
        (
            f"the e-mail address of your account is {new} now. This one is not used any more.",
            "If it was not you, write to those who run the site.",
        ),
    )


def passkey_copied() -> Letter:
    """Tell the owner of an account that one of its passkeys was refused."""
    return Letter(
        "A passkey of your account was refused",
        (
            "a passkey was refused, because its counter of uses went back. That can mean that "
            "somebody has a copy of it. Remove it in your settings, and add it again.",
        ),
        label="Your passkeys",
        path=reverse("two_step"),
    )


def security_changed(what: str) -> Letter:
    """Tell the owner of an account that something of its security changed, as a sentence."""
    return Letter(
        "The security of your account was changed",
        (what, IF_NOT_YOU),
        label="Set a new password",
        path=reverse("forgotten_password"),
    )
