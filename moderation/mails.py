"""E-mails about strikes and appeals."""

from django.conf import settings
from django.core.mail import EmailMessage

from moderation import wording
from moderation.models import Appeal, Strike

_TEXT = """Hello {name},

{what}

All decisions about your account, and how to appeal: {link}

You cannot answer to this e-mail.
"""


def send(*, strike_id: int, appeal: bool) -> None:
    """Send the e-mail about a strike, or about its appeal, if it is still there.

    It may be sent twice. Raises what the mail server refused with.
    """
    strike = Strike.objects.select_related("account").filter(pk=strike_id).first()
    decided = Appeal.objects.filter(strike=strike_id, decided_at__isnull=False).first()
    if strike is None or (appeal and decided is None):
        return
    EmailMessage(
        "A decision of the moderators" if not appeal else "Your appeal",
        _TEXT.format(
            name=strike.account.display_name,
            what=_what(strike, decided if appeal else None),
            link=f"{settings.SITE_URL}/settings/strikes",
        ),
        to=[strike.account.email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()


def _what(strike: Strike, appeal: Appeal | None) -> str:
    if appeal is None:
        return wording.decision(strike.action, strike.reason)
    return wording.appealed(strike.action, accepted=bool(appeal.accepted), answer=appeal.answer)
