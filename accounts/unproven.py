"""Ways to sign in that were added before anybody had shown that the address is theirs.

Somebody can register with the address of another person, and add a passkey or an authenticator app,
and wait. When the owner of the address takes the account by an e-mail, these must not stay. So they
are marked when they are added. The mark goes as soon as the address is confirmed by whoever is
signed in. A new password by e-mail removes what is still marked.

Accounts of the staff are no prey: an operator has made them what they are.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import QuerySet

from accounts import security_log
from accounts.mail import letters
from accounts.mail.queue import queue
from accounts.models import SecurityEvent, User
from chirp.texts import text as _

MARK = {"unproven": True}
Kind = SecurityEvent.Kind


def mark(user: User) -> dict[str, Any]:
    """Return what is stored with a way to sign in that is added to `user` now."""
    return {} if user.is_staff or _is_confirmed(user) else dict(MARK)


def settle(user: User) -> None:
    """Forget the marks: the address was confirmed by somebody who is signed in."""
    for row in _factors(user).filter(data__contains=MARK):
        row.data.pop("unproven")
        row.save(update_fields=["data"])
    _connections(user).filter(extra_data__contains=MARK).update(extra_data={})


def remove(user: User, *, address: str) -> None:
    """Remove what is marked; everything, if the address is not confirmed by now. Idempotent.

    With the last factor go the recovery codes.
    """
    if user.is_staff:
        return
    factors, connections = _factors(user), _connections(user)
    if _is_confirmed(user):
        factors = factors.filter(data__contains=MARK)
        connections = connections.filter(extra_data__contains=MARK)
    if factors.delete()[0]:
        if not _factors(user).exists():
            Authenticator.objects.filter(user=user).delete()
        _tell(user, Kind.FACTORS_RESET, _("Older second factors were removed."), address)
    if connections.delete()[0]:
        _tell(user, Kind.SSO_DISCONNECTED, _("Single sign-on was disconnected."), address)


def _is_confirmed(user: User) -> bool:
    rows = EmailAddress.objects.filter(user=user, primary=True, verified=True)
    return bool(rows.exists())


def _factors(user: User) -> "QuerySet[Authenticator]":
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return rows.exclude(type=Authenticator.Type.RECOVERY_CODES)


def _connections(user: User) -> "QuerySet[SocialAccount]":
    rows: QuerySet[SocialAccount] = SocialAccount.objects.filter(user=user)
    return rows


def _tell(user: User, kind: SecurityEvent.Kind, what: str, address: str) -> None:
    security_log.record(kind, user_id=user.pk, address=address)
    queue(letters.security_changed(what), user=user)
