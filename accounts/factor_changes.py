"""Changes of second factors by programs, which prove with each who they are (accounts/proof.py).

The site asks for that first, and remembers it for ten minutes. A program has no such session:
setting up an app begins with the proof, and the note that this returns is what its second request
needs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing

from accounts import factors, proof
from accounts.models import User
from chirp.errors import ChirpError
from chirp.texts import text as _

SALT = "accounts.factor_changes"
VALID = timedelta(minutes=10)


class BadSetup(ChirpError):
    """The set-up began too long ago, or for another account, or the password was changed since."""

    code = "bad_setup"
    message = _("That took too long. Please begin again.")
    field = "setup"


@dataclass(frozen=True, slots=True)
class Setup:
    """A new authenticator app: its secret, the address that it reads, and a note of both."""

    secret: str
    uri: str
    setup: str


def begin_app(*, user: User, password: str, code: str = "", now: datetime, address: str) -> Setup:
    """Begin to set up an authenticator app.

    Raises what proof.check does, and AlreadyOn if there is one.
    """
    proof.check(user=user, password=password, code=code, now=now, address=address)
    factors.check_no_app(user)
    secret = factors.new_secret()
    note = signing.dumps([user.pk, user.token_version, secret], salt=SALT)
    return Setup(secret, factors.setup_uri(user=user, secret=secret), note)


def confirm_app(*, user: User, setup: str, code: str, now: datetime, address: str) -> list[str]:
    """Add the app that was set up, proven by a code of it.

    Returns new recovery codes, or nothing if the account has some. Raises BadSetup, BadCode,
    AlreadyOn and TooManyGuesses.
    """
    try:
        user_id, version, secret = signing.loads(setup, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError):
        raise BadSetup from None
    if (user_id, version) != (user.pk, user.token_version):
        raise BadSetup
    return factors.add_app(user=user, secret=secret, code=code, now=now, address=address)


def remove(
    *, user: User, password: str, code: str = "", factor_id: int, now: datetime, address: str
) -> None:
    """Remove an app or a passkey. Raises what proof.check does, NotFound and OnlyWayIn."""
    proof.check(user=user, password=password, code=code, now=now, address=address)
    factors.remove(user=user, factor_id=factor_id, address=address)


def new_recovery_codes(
    *, user: User, password: str, code: str = "", now: datetime, address: str
) -> list[str]:
    """Replace the recovery codes. Raises what proof.check does, and NoFactors."""
    proof.check(user=user, password=password, code=code, now=now, address=address)
    return factors.new_recovery_codes(user=user, address=address)
