"""EMAIL_URL: how e-mail leaves, as Django's settings. No Django.

admin:                                kept for superusers, in the admin (the default)
smtp://user:password@host:25          plain SMTP
smtp+tls://user:password@host:587     SMTP with STARTTLS
smtps://user:password@host:465        SMTP over TLS
"""

from typing import Any
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
EXPECTED = "admin: or a URL such as smtp+tls://user:password@host:587"


class BadEmailUrl(ValueError):
    """The URL is none of those above. The message does not repeat it: it may have a password."""


def django_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for e-mail by their names. Raises BadEmailUrl."""
    if url == "admin:":
        return {"EMAIL_BACKEND": "accounts.mail.backend.AdminBackend"}
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # such as a port of 99999
        raise BadEmailUrl(EXPECTED) from None
    if parts.scheme not in PORTS or not host or port == 0 or parts.path not in ("", "/"):
        raise BadEmailUrl(EXPECTED)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": port or PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
