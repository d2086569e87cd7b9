"""Read the texts of the site, its rules and announcements, and dismiss announcements.

Texts and announcements are remembered, so that pages need no query for them.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.joining import terms
from accounts.joining.models import Terms
from accounts.models import User
from chirp.errors import NotFound
from moderation.remembered import Remembered
from moderation.site.models import Announcement, Dismissal, Rule, Site


def _announcements() -> Sequence[Announcement]:
    """Return the announcements that have not ended, in the order of their start."""
    not_over = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    return list(Announcement.objects.filter(not_over).order_by("starts_at", "pk"))


texts: Remembered[Site] = Remembered(lambda: Site.objects.first() or Site())
registration: Remembered[Terms] = Remembered(terms.current)
announcements: Remembered[Sequence[Announcement]] = Remembered(_announcements)


def name() -> str:
    """Return the name of the site: the question `site.name` of rooms below."""
    return texts.call_or_latest(Site).name


def refresh() -> None:
    """Load texts and registration again, if it is time. Without a database the old ones stay."""
    texts.call_or_latest(Site)
    registration.call_or_latest(Terms)


def known() -> Site:
    """Return the texts as of the latest `refresh`, for pages that need no database."""
    return texts.latest(Site)


def known_registration() -> Terms:
    """Return who may register, as of the latest `refresh`."""
    return registration.latest(Terms)


def forget() -> None:
    """Let this process see a change at once."""
    texts.forget()
    registration.forget()
    announcements.forget()


def rules() -> list[Rule]:
    """Return the rules in their order."""
    return list(Rule.objects.all())


def current(*, now: datetime) -> list[Announcement]:
    """Return the announcements that are shown now."""
    return [
        each
        for each in announcements()
        if each.starts_at <= now and (each.ends_at is None or now < each.ends_at)
    ]


def unread(*, user: User | None, now: datetime) -> list[Announcement]:
    """Return those that a viewer has not dismissed. Makes no query while there are none."""
    found = current(now=now)
    if user is None or not found:
        return found
    dismissed = dismissed_by(user)
    return [each for each in found if each.pk not in dismissed]


def dismissed_by(user: User) -> set[int]:
    """Return the ids of the announcements that an account dismissed."""
    rows = Dismissal.objects.filter(user=user)
    return set(rows.values_list("announcement", flat=True))


def dismiss(*, user: User, announcement_id: int) -> None:
    """Show an announcement to this account no more. Idempotent. Raises NotFound."""
    if not Announcement.objects.filter(pk=announcement_id, starts_at__lte=timezone.now()).exists():
        raise NotFound
    row = Dismissal(user=user, announcement_id=announcement_id)
    Dismissal.objects.bulk_create([row], ignore_conflicts=True)
