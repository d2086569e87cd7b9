"""Profile updates."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts import appearance, validation
from accounts.defaults import clean_quotes_from
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
    "quotes_from": clean_quotes_from,
    "time_zone": validation.clean_time_zone,
    "language": validation.clean_language,
    **{name: appearance.cleaner(name) for name in appearance.CHOICES},
    # Only removing them is a change of the profile: a new one has to be processed first.
    "avatar": lambda _: "",
    "header": lambda _: "",
    "reposts_hidden_until": lambda until: until,
}


def update_profile(*, user: User, changes: Mapping[str, object]) -> User:
    """Change any of the fields of CLEANERS, and return the updated account.

    The avatar and the header can only be removed.

    Making an account public accepts all pending follow requests. Raises BadText, BadLink,
    BadTimeZone, BadLanguage or BadChoice.
    """
    cleaned = {field: CLEANERS[field](value) for field, value in changes.items()}
    with transaction.atomic():
        updated = write_profile(user_id=user.pk, values=cleaned)
        publish(ProfileChanged(user_id=user.pk))
    if cleaned.get("private") is False:
        accept_all_requests(followee=updated)
    return updated


def set_picture(*, user_id: int, purpose: str, key: str) -> None:
    """Set the avatar or the header. Call it in a transaction. Raises NotFound."""
    write_profile(user_id=user_id, values={purpose: key})
    publish(ProfileChanged(user_id=user_id))
