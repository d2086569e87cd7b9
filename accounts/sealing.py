"""Secrets of second factors, encrypted in the database with keys derived from SECRET_KEY.

Whoever has only a copy of the database can make no codes with it. With SECRET_KEY_FALLBACKS, what
older keys encrypted stays readable; `seal_again` encrypts it with the present one.
"""

import base64
from functools import cache

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from chirp import errors
from chirp.errors import ChirpError
from chirp.texts import text as _

PURPOSE = b"accounts.sealing"


class Unreadable(ChirpError):
    """SECRET_KEY was changed, and the one that encrypted this is not among the fallbacks."""

    kind = errors.Kind.UNAVAILABLE
    code = "unreadable"
    message = _(
        "The site can no longer read the second factor of this account. Write to those who run it: "
        "they can remove it."
    )


def seal(text: str) -> str:
    """Return `text` encrypted."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the text that `seal` encrypted. Raises Unreadable."""
    try:
        return _box().decrypt(sealed).decode()
    except InvalidToken:
        raise Unreadable from None


def seal_again(sealed: str) -> str:
    """Return the same text encrypted with the present key. Raises Unreadable."""
    return seal(unseal(sealed))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """How allauth encrypts secrets, such as those of recovery codes."""

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text that was encrypted. Raises Unreadable."""
        return unseal(encrypted_text)


def _box() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_fernet(str(key)) for key in keys])


@cache
def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
