"""Passkeys in requests: the site that they are bound to, and the state between two requests."""

import ipaddress
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import is_same_domain
from django.utils.translation import gettext

from accounts import factors
from accounts.models import User
from accounts.sso.config import provider
from accounts.sso.services import is_connected
from accounts.webauthn import Site
from chirp.errors import ChirpError
from chirp.texts import text as _
from web.forms.base import ServiceForm
from web.sessions import is_spared_password

STATE = "passkey"  # the key of sessions


class NotHere(ChirpError):
    """Browsers allow no passkeys at the address by which the site was opened."""

    code = "no_passkeys_here"


def site_of(request: HttpRequest) -> Site:
    """Return the site as the browser of this request knows it. Raises NotHere."""
    address = request.get_host().lower()
    host = urlsplit(f"//{address}").hostname or ""
    if _is_ip(host):
        raise NotHere(
            _("Passkeys need a site with a name. They do not work at %(host)s.", host=host)
        )
    if _is_https(request, address):
        return Site(host, f"https://{address}")
    if host == "localhost":  # the one name that browsers trust without HTTPS
        return Site(host, f"http://{address}")
    raise NotHere(_("Passkeys need HTTPS, which this site is not opened with."))


def obstacle(request: HttpRequest) -> str:
    """Return why there can be no passkeys at this address, or nothing."""
    try:
        site_of(request)
    except NotHere as error:
        return error.detail
    return ""


def spare_password(request: HttpRequest, me: User, form: ServiceForm) -> dict[str, str]:
    """Drop the password from a form if its sender has just proven otherwise who they are.

    Returns the context of the template: what can be used `instead`, if anything, and where.
    """
    instead = ""
    if is_spared_password(request):
        del form.fields["password"]
    elif factors.factors(user=me).passkeys and not obstacle(request):
        instead = gettext("Use a passkey")
    elif (sso := provider()) and is_connected(me):
        instead = gettext("Log in with %(provider)s") % {"provider": sso.label}
    back = urlencode({"next": request.path})
    return {"instead": instead, "instead_at": f"{reverse('confirm')}?{back}"}


def keep(request: HttpRequest, state: dict[str, Any]) -> None:
    """Keep the state of a ceremony until the browser answers."""
    request.session[STATE] = state


def take(request: HttpRequest) -> Any:
    """Return the state of the ceremony that the browser answers, once."""
    return request.session.pop(STATE, None)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_https(request: HttpRequest, address: str) -> bool:
    """Whether the page was opened with HTTPS, also if a proxy hides that from us."""
    trusted = (urlsplit(origin) for origin in settings.CSRF_TRUSTED_ORIGINS)
    return request.is_secure() or any(
        origin.scheme == "https" and is_same_domain(address, origin.netloc.lstrip("*"))
        for origin in trusted
    )
