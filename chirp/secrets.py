"""Secrets that are made on the first run: the secret key and the RSA key that signs tokens.

Both live in `var/secrets/`, which only the owner can read. Making them is atomic, so that many
processes that start at once agree on one secret.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils.functional import lazy


def secret_key(var: Path) -> str:
    """The site's secret key, made when it is not there yet."""
    return _once(_folder(var) / "secret_key", lambda: secrets.token_urlsafe(64).encode()).decode()


def lazy_secret_key(var: Path) -> str:
    """The same as a string that reads, or makes, the key when it is first used.

    So importing settings creates no files.
    """
    return lazy(cache(secret_key), str)(var)


def jwt_key_file(var: Path) -> Path:
    """Where the RSA private key (PEM) of this machine is, whether or not it exists yet."""
    return var / "secrets" / "jwt.pem"


def jwt_private_key(path: Path) -> bytes:
    """The RSA private key in `path` as PEM, made when the file is not there yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _once(path, _new_rsa_key)


def ensure(var: Path) -> None:
    """Make every secret that is missing."""
    secret_key(var)
    jwt_private_key(jwt_key_file(var))


def _folder(var: Path) -> Path:
    folder = var / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _new_rsa_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _once(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(make())
        try:
            os.link(draft, path)  # fails where another process was first: then theirs counts
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_bytes()
