"""Sign up: the account that a person makes, with all that follows from it."""

from datetime import datetime

from django.db import transaction

from accounts import emails, services
from accounts.models import User


@transaction.atomic
def sign_up(
    *, handle: str, email: str, password: str, now: datetime, name: str = "", address: str = ""
) -> User:
    """Create an account, and ask for the confirmation of its address.

    Raises what services.register does.
    """
    user = services.register(
        handle=handle, email=email, password=password, name=name, address=address
    )
    emails.ask_to_confirm(user=user, now=now)
    return user
