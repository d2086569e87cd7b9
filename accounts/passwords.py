"""Check passwords. Every check is a guess, and too many wrong ones have to wait (chirp.limits).

Clients of an account's own networks, from which it was signed in to before, have a budget of their
own, so that strangers who guess cannot lock the owner out. All other clients share one budget per
login. It belongs to the login as it was entered (handle or e-mail address), not to the account, so
that delays tell neither whether an account exists nor which address belongs to which handle.
"""

from datetime import datetime

from django.contrib.auth.hashers import make_password

from accounts import security_log
from accounts.models import SecurityEvent, User
from accounts.validation import canonical_login
from chirp.limits import guesses
from chirp.limits.addresses import networks

NOBODY = 0  # an id that no account has


def is_right(
    password: str,
    *,
    user: User | None,
    login: str,
    address: str,
    now: datetime,
    failure: SecurityEvent.Kind,
) -> bool:
    """Whether this is the password of `user`, or of nobody; both take as long as one check.

    `login` and `password` must be storable. A wrong password is recorded in the security log as
    `failure`. Raises TooManyGuesses, without a check.
    """
    is_known = security_log.has_signed_in_from(
        address, user_id=user.pk if user else NOBODY, now=now
    )
    # The network first: a login may hold line breaks, and must not name another budget.
    budget = f"{networks(address)[0] if is_known else 'strangers'}\n{canonical_login(login)}"
    guesses.count(budget)
    if user is None:
        make_password(password)  # takes as long as a check, so that timing reveals nothing
        return False
    if not user.check_password(password):
        security_log.record(failure, user_id=user.pk, address=address)
        return False
    # Strangers keep the count: otherwise each sign-in of the owner would give them new guesses.
    (guesses.reset if is_known else guesses.uncount)(budget)
    return True
