"""An authenticator app: TOTP (RFC 6238) written from the standard, not with the site's code."""

import base64
import hashlib
import hmac
import struct
import time

from django.utils import timezone

from accounts import factors
from accounts.models import User

PERIOD = 30


def code(secret: str, *, steps: int = 0) -> str:
    """The code that an app shows, or that it showed or will show so many steps from now."""
    step = int(time.time()) // PERIOD + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


class App:
    """An app of an account. `recovery_codes` are those that the account got with it."""

    def __init__(self, user: User) -> None:
        self.secret = factors.new_secret()
        # The code of the step before, so that the present one is still of use.
        given = code(self.secret, steps=-1)
        self.recovery_codes = factors.add_app(
            user=user, secret=self.secret, code=given, now=timezone.now(), address=""
        )

    def code(self) -> str:
        """The present code."""
        return code(self.secret)
