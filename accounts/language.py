"""The language in which an account is written to."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation

from accounts.models import User
from chirp import languages


def speaking_to(user: User) -> AbstractContextManager[None]:
    """Make the language of `user` the active one: the chosen one, else that of the site."""
    return translation.override(languages.known(user.language) or settings.LANGUAGE_CODE)


def language_to_keep() -> str:
    """The language of a new account: that in which somebody signs up; "" for the site's own."""
    active = languages.known(translation.get_language() or "")
    return "" if active == settings.LANGUAGE_CODE else active
