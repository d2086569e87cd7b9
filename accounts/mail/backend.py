"""The mail backend of a site without a mail server: it keeps what it gets for superusers."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts.models import KeptMail


class AdminBackend(BaseEmailBackend):
    """Keeps e-mails in KeptMail. They hold secrets, such as links that set passwords."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages, and return their number."""
        rows = [
            KeptMail(to=", ".join(message.to), subject=str(message.subject), text=str(message.body))
            for message in email_messages
        ]
        return len(KeptMail.objects.bulk_create(rows))
