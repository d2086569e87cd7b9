"""The provider that the settings name, and what is left to it."""

from dataclasses import dataclass

from django.conf import settings

from chirp.errors import NotAllowed
from chirp.texts import text as _


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, and how this site is known to it."""

    issuer: str
    client_id: str
    client_secret: str
    label: str
    trust: frozenset[str]

    @property
    def links_by_email(self) -> bool:
        """Whether an address that it verified is as good as one that was confirmed here."""
        return "email" in self.trust

    @property
    def admits(self) -> bool:
        """Whether its people need neither invitation nor approval."""
        return "registration" in self.trust

    @property
    def has_second_factor(self) -> bool:
        """Whether those who come from it are not asked for their second factor here."""
        return "second_factor" in self.trust


class PasswordsOff(NotAllowed):
    """Only staff signs in by password here."""

    code = "password_sign_in_off"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Passwords are not used here. Log in with %(provider)s.",
                provider=settings.OIDC_LABEL,
            )
        )


def provider() -> Provider | None:
    """Return the provider, or None if there is no single sign-on."""
    if not (settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID):
        return None
    return Provider(
        issuer=settings.OIDC_ISSUER,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        label=settings.OIDC_LABEL,
        trust=frozenset(settings.OIDC_TRUST),
    )


def passwords_are_off() -> bool:
    """Return whether only staff signs in by password, and everybody else by the provider."""
    return provider() is not None and not settings.PASSWORD_SIGN_IN
