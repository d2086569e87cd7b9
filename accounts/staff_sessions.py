"""Sessions of staff end sooner than those of others, on the site and in the admin alike."""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User


@receiver(user_logged_in)
def shorten(request: HttpRequest, user: User, **_: Any) -> None:
    """Give the session of a member of staff STAFF_SESSION_SECONDS from signing in."""
    if user.is_staff:
        request.session.set_expiry(settings.STAFF_SESSION_SECONDS)
