"""Who we are to push services (VAPID, RFC 8292): the site's key, and what it signs."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from chirp.secrets import vapid_private_key
from notifications.push.encryption import Sealed, encoded, point

VALID = timedelta(hours=12)  # a day is the most that push services accept


def public_key() -> str:
    """Return the key with which browsers and apps subscribe: base64url, 87 characters."""
    return encoded(point(_key(settings.VAPID_KEY_FILE).public_key()))


def signed(endpoint: str, sealed: Sealed, *, now: datetime) -> dict[str, str]:
    """Return the headers by which the push service of an endpoint knows the site."""
    key = _key(settings.VAPID_KEY_FILE)
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + VALID).timestamp()),
        "sub": _contact(),
    }
    token = jwt.encode(claims, key, algorithm="ES256")
    if sealed.dh:  # the draft has the key elsewhere
        return {
            "Authorization": f"WebPush {token}",
            "Crypto-Key": f"{sealed.dh};p256ecdsa={public_key()}",
        }
    return {"Authorization": f"vapid t={token}, k={public_key()}"}


def _contact() -> str:
    """Where the operators of push services can reach ours."""
    if settings.SITE_URL.startswith("https://"):
        return str(settings.SITE_URL)
    return f"mailto:{parseaddr(settings.EMAIL_FROM)[1]}"


@cache
def _key(path: Path) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(vapid_private_key(path), password=None)
    assert isinstance(key, EllipticCurvePrivateKey), f"{path}: see the check chirp.E011"
    return key
