"""The authentication backend, for sessions of the site and of the admin."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from accounts.joining.waiting import NotYet
from accounts.models import User
from accounts.selectors import find_user
from accounts.services import (
    BadCredentials,
    DeletionPending,
    SecondStepNeeded,
    Suspended,
    sign_in,
)
from accounts.sso.config import PasswordsOff
from chirp.db import routing
from chirp.limits.addresses import client_address
from chirp.limits.guesses import TooManyGuesses

REFUSALS = (
    *(BadCredentials, DeletionPending, NotYet, PasswordsOff),
    *(SecondStepNeeded, Suspended, TooManyGuesses),
)


class HandleOrEmailBackend(ModelBackend):
    """Authenticate by handle or e-mail address.

    Signing in within the grace period reactivates a deactivated account. A session of a
    deactivated or suspended account counts as anonymous.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """Return the user. None for wrong credentials, too many guesses and suspended accounts.

        And for accounts that wait or are to be deleted, and for those with a second factor: this
        way in has no second step.
        """
        if username is None or password is None:
            return None
        try:
            address = client_address(request.META) if request else ""
            return sign_in(login=username, password=password, now=timezone.now(), address=address)
        except REFUSALS:
            return None

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session if the account is active. Makes one query per request."""
        user = find_user(user_id=user_id)
        if user is None and routing.leave_replica():  # the account may be new
            user = find_user(user_id=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
