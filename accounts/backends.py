"""Django's way to find out who somebody is, for the site's sessions and the admin."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.selectors import find_user
from accounts.services import BadCredentials, Suspended, sign_in


class HandleOrEmailBackend(ModelBackend):
    """Signs people in by handle or e-mail address.

    Whoever deactivated their account comes back by this, within the grace period. A session of
    somebody who is deactivated or suspended is nobody's.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """The person, or None for wrong credentials and for suspended people."""
        if username is None or password is None:
            return None
        try:
            return sign_in(login=username, password=password, now=timezone.now())
        except (BadCredentials, Suspended):
            return None

    def get_user(self, user_id: int) -> User | None:
        """Whose session it is, if they are still there. One query at every page."""
        user = find_user(user_id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
