"""Sign-ins that wait for a further step: a signed note of who has proven who they are so far."""

from datetime import timedelta

from django.core import signing

from accounts.models import User
from accounts.selectors import find_user
from chirp import errors
from chirp.errors import ChirpError
from chirp.texts import text as _

SALT = "accounts.challenges"
KEEP = "accounts.deletion.keep"  # of those that only wait for a decision
VALID = timedelta(minutes=10)


class BadChallenge(ChirpError):
    """The first step is too long ago, or the password was changed since."""

    kind = errors.Kind.UNAUTHENTICATED
    code = "bad_challenge"
    message = _("That took too long. Please begin again with your password.")


def begin(user: User, *, salt: str = SALT) -> str:
    """Return a note that the password of `user` was right just now."""
    return signing.dumps([user.pk, user.token_version], salt=salt)


def user_of(challenge: str, *, salt: str = SALT) -> User:
    """Return the account that a note is about. Raises BadChallenge."""
    try:
        user_id, version = signing.loads(challenge, salt=salt, max_age=VALID)
    except (signing.BadSignature, ValueError):
        raise BadChallenge from None
    user = find_user(user_id=user_id)
    if user is None or user.token_version != version:
        raise BadChallenge
    return user
