"""The ways in which an account can sign in: the last one cannot be removed."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts.models import User
from accounts.sso import config
from chirp.errors import Conflict
from chirp.texts import text as _


class OnlyWayIn(Conflict):
    """Without this, the owner could not come back."""

    code = "only_way_in"
    message = _(
        "This is your only way to log in. Add another one first: a passkey, single sign-on, or a "
        "password by “Forgotten your password?”."
    )


def check_other(user: User, *, than: Authenticator | SocialAccount) -> None:
    """Raise OnlyWayIn if `user` could not sign in without this passkey or connection."""
    if not (_has_password(user) or _has_passkey(user, than) or _has_connection(user, than)):
        raise OnlyWayIn


def _has_password(user: User) -> bool:
    return user.has_usable_password() and (user.is_staff or not config.passwords_are_off())


def _has_passkey(user: User, than: object) -> bool:
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return any(row != than for row in rows)


def _has_connection(user: User, than: object) -> bool:
    """Whether the provider of today signs in to the account."""
    if config.provider() is None:
        return False
    rows = SocialAccount.objects.filter(user=user, provider=settings.OIDC_ISSUER)
    return any(row != than for row in rows)
