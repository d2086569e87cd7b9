"""How an account wants to hear of what concerns it, and what it decides about strangers."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from chirp.errors import ChirpError
from chirp.texts import text as _
from notifications import settling
from notifications.kinds import Kind
from notifications.models import Request, Settings


class CannotTurnOff(ChirpError):
    """Notices from moderators cannot be turned off."""

    message = _("Notices from moderators cannot be turned off.")
    field = "kinds"


def preferences(*, user: User) -> Settings:
    """Return the settings of an account, which may not be stored yet."""
    return Settings.objects.filter(user=user).first() or Settings(user=user)


def change(
    *,
    user: User,
    site: Mapping[str, bool] | None = None,
    email: Mapping[str, bool] | None = None,
    strangers: str | None = None,
    digest: str | None = None,
) -> Settings:
    """Change settings, and return them all.

    `site` and `email` say by kind whether there are notifications of it, and whether the digest has
    them. What is left out stays as it is. Changes are about later notifications: those that exist
    stay. Raises CannotTurnOff.
    """
    if site is not None and site.get(Kind.MODERATION) is False:
        raise CannotTurnOff
    with transaction.atomic():
        Settings.objects.get_or_create(user=user)
        row = Settings.objects.select_for_update(no_key=True).get(user=user)
        row.off = _with({kind: not on for kind, on in (site or {}).items()}, row.off)
        row.mailed = _with(email or {}, row.mailed)
        row.strangers = strangers or row.strangers
        row.digest = digest or row.digest
        row.save()
    return row


def _with(changes: Mapping[str, bool], kinds: list[str]) -> list[str]:
    """Return these kinds, with those added and removed that `changes` says."""
    kept = {*kinds, *(kind for kind, on in changes.items() if on)}
    return [str(kind) for kind in Kind if kind in kept and changes.get(kind, True)]


@transaction.atomic
def accept_stranger(*, user: User, actor: User) -> Request:
    """Show the filtered notifications of an account, and all later ones. Idempotent."""
    Request.objects.get_or_create(recipient=user, actor=actor)
    settling.accept(recipient_id=user.pk, actor_id=actor.pk)
    return Request.objects.get(recipient=user, actor=actor)


@transaction.atomic
def dismiss_stranger(*, user: User, actor: User) -> Request | None:
    """Remove the filtered notifications of an account from the requests. Idempotent.

    Later ones appear there again; an account that was accepted is a stranger again. Returns None if
    there never was anything to dismiss.
    """
    settling.lock({user.pk})
    request = Request.objects.filter(recipient=user, actor=actor).first()
    if request is not None:
        request.dismissed_up_to = max(request.dismissed_up_to, request.newest_id)
        request.accepted, request.count = False, 0
        request.save()
    return request
