"""Profile updates."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts import validation
from accounts.models import User
from accounts.services import write_profile
from outbox.services import publish
from people.events import ProfileChanged
from people.services import accept_all_requests

CLEANERS: dict[str, Callable[[Any], Any]] = {
    "name": validation.clean_name,
    "bio": validation.clean_bio,
    "place": validation.clean_place,
    "link": validation.clean_link,
    "private": bool,
}


def update_profile(*, user: User, changes: Mapping[str, object]) -> User:
    """Change any of name, bio, place, link and private, and return the updated account.

    Making an account public accepts all pending follow requests. Raises BadText or BadLink.
    """
    cleaned = {field: CLEANERS[field](value) for field, value in changes.items()}
    with transaction.atomic():
        updated = write_profile(user_id=user.pk, values=cleaned)
        publish(ProfileChanged(user_id=user.pk))
    if cleaned.get("private") is False:
        accept_all_requests(followee=updated)
    return updated
