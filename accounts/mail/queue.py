"""Send e-mails after the commit of what they tell: retried until accepted, and never twice.

A mail is a row until the mail server has accepted it. A worker claims the row before it sends. If
the server refuses, the claim is given back and the event tries again, for OutgoingMail.KEPT at
most. Where it is not known whether the server accepted, a lost mail is better than a second one.
"""

import logging
import smtplib
from datetime import datetime
from email.utils import formataddr, parseaddr

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string

from accounts.events import MailQueued
from accounts.language import speaking_to
from accounts.mail.letters import Letter
from accounts.models import KeptMail, OutgoingMail, User
from chirp import hooks
from outbox.services import publish

log = logging.getLogger(__name__)
# Answers of a mail server, or none at all: it has not accepted the mail.
REFUSED = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    ConnectionRefusedError,
)


class MailRefused(Exception):
    """The mail server did not accept a mail. The message names no address: it is logged."""


def queue(letter: Letter, *, user: User, to: str = "", outlives: bool = False) -> None:
    """Send a letter to `user`, in their language, or to another address of theirs.

    Call it in a transaction. One that `outlives` the account is sent even if that is deleted.
    """
    with speaking_to(user):
        told = letter.shown()
        mail = OutgoingMail.objects.create(
            user=None if outlives else user,
            to=to or user.email,
            subject=told.subject,
            text=_rendered("txt", told, user),
            html=_rendered("html", told, user),
        )
    publish(MailQueued(mail_id=mail.pk))


def send(*, mail_id: int, now: datetime) -> None:
    """Send a queued mail, unless another worker does or did. Raises MailRefused."""
    waiting = OutgoingMail.objects.filter(pk=mail_id, claimed_at=None)
    if not waiting.filter(created_at__gte=now - OutgoingMail.KEPT).update(claimed_at=now):
        return
    mail = OutgoingMail.objects.get(pk=mail_id)
    try:
        _message(mail).send()
    except REFUSED as error:
        OutgoingMail.objects.filter(pk=mail_id).update(claimed_at=None)
        raise MailRefused(type(error).__name__) from None
    except OSError as error:
        log.error("Whether a mail was sent is not known, so it is not sent again: %r", type(error))
    mail.delete()


def forget_expired(*, now: datetime) -> None:
    """Delete mails that could not be sent, and those that are kept in the admin, when old."""
    for kind in (OutgoingMail, KeptMail):
        kind.objects.filter(created_at__lt=now - kind.KEPT).delete()


def forget_about(*, user: User) -> None:
    """Delete the kept mails that were sent to `user`, or that name the handle."""
    known = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    named = Q(text__iregex=rf"@{user.handle}\y") | Q(subject__iregex=rf"@{user.handle}\y")
    KeptMail.objects.filter(named | Q(to__in=known)).delete()


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    headers = {"Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(
        mail.subject, mail.text, sender(), to=[mail.to], headers=headers
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def sender() -> str:
    """Return the sender of e-mails, with the name of the site unless it has one of its own."""
    name, address = parseaddr(settings.EMAIL_FROM)
    return formataddr((name or hooks.ask("site.name"), address))


def _rendered(form: str, letter: Letter, user: User) -> str:
    site = hooks.ask("site.name")
    context = {"letter": letter, "user": user, "base": settings.SITE_URL, "site": site}
    return render_to_string(f"emails/letter.{form}", context, using="jinja2")
