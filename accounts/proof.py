"""Prove once more who one is, through the API: by the password, and a code where there is one."""

from datetime import datetime

from accounts import factors
from accounts.models import User
from accounts.services import check_password
from chirp.errors import ChirpError, NotAllowed
from chirp.texts import text as _


class CodeNeeded(ChirpError):
    """The account has a second factor, and no code of it was sent."""

    code = "code_needed"
    message = _("Send a code of your authenticator app as well, or a recovery code.")
    field = "code"


class NotThisCode(NotAllowed):
    """The code is not one of the account, or was used before."""

    code = factors.WrongCode.code
    message = factors.WrongCode.message
    field = "code"


def check(*, user: User, password: str, code: str = "", now: datetime, address: str = "") -> None:
    """Check the password, and a code if there is a second factor.

    Raises WrongPassword, CodeNeeded, NotThisCode, and TooManyGuesses after many wrong ones.
    """
    check_password(user, password, field="password", now=now, address=address)
    if not factors.is_on(user_id=user.pk):
        return
    if not code:
        raise CodeNeeded
    try:
        factors.check_code(user=user, code=code, now=now, address=address)
    except factors.WrongCode as error:
        raise NotThisCode from error
