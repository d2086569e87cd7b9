"""Secrets that the first run generates: the secret key, and the keys that sign tokens and pushes.

They are in `var/secrets/`, which only its owner can read. They are created atomically, so that
processes that start at the same time agree on one secret.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.utils.functional import lazy


def secret_key(var: Path) -> str:
    """Return the site's secret key. Generates it if it does not exist yet."""
    return _read_or_create(
        _folder(var) / "secret_key", lambda: secrets.token_urlsafe(64).encode()
    ).decode()


def lazy_secret_key(var: Path) -> str:
    """Return the secret key as a lazy string, which reads or generates the key on first use.

    Importing the settings thus creates no files.
    """
    return lazy(cache(secret_key), str)(var)


def jwt_key_file(var: Path) -> Path:
    """The path of this machine's RSA private key (PEM), whether or not it exists yet."""
    return var / "secrets" / "jwt.pem"


def jwt_private_key(path: Path) -> bytes:
    """Return the RSA private key in `path` as PEM. Generates it if the file does not exist yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _read_or_create(path, _new_rsa_key)


def vapid_key_file(var: Path) -> Path:
    """The path of the site's key for push services (PEM), whether or not it exists yet."""
    return var / "secrets" / "vapid.pem"


def vapid_private_key(path: Path) -> bytes:
    """Return the P-256 private key in `path` as PEM. Generates it if there is no such file yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _read_or_create(path, _new_p256_key)


def ensure(var: Path) -> None:
    """Generate every missing secret."""
    secret_key(var)
    jwt_private_key(jwt_key_file(var))
    vapid_private_key(vapid_key_file(var))


def _folder(var: Path) -> Path:
    folder = var / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _new_rsa_key() -> bytes:
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _new_p256_key() -> bytes:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(make())
        try:
            os.link(draft, path)  # fails if another process was faster: its secret is used
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_bytes()
