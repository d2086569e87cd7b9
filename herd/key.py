"""The secret key that the servers of a herd share. It is not part of the settings file."""

import os
import secrets
import tempfile
from pathlib import Path

from herd.settings import CHECKOUT, BadSettings

MIN_LENGTH = 32  # characters


def var_dir() -> Path:
    """Return the directory for data, logs and secrets: VAR_DIR, or var/ in the checkout."""
    return Path(os.environ.get("VAR_DIR", "").strip() or CHECKOUT / "var")


def shared_key(var: Path) -> bytes:
    """Return HERD_KEY, or else the key in `var`/secrets, which the first run creates.

    Raises BadSettings.
    """
    from_environment = os.environ.get("HERD_KEY", "").strip()
    if from_environment and len(from_environment) < MIN_LENGTH:
        raise BadSettings(f"HERD_KEY is too short: at least {MIN_LENGTH} characters.")
    return from_environment.encode() or _key_from_file(var / "secrets" / "herd_key")


def _key_from_file(path: Path) -> bytes:
    """Return the key in this file, and create it if needed. Concurrent starts agree on one key."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise BadSettings(f"the key in {path} cannot be read: {error.strerror}.") from None
    if len(key) < MIN_LENGTH:
        raise BadSettings(f"the key in {path} is too short: at least {MIN_LENGTH} characters.")
    return key


def _create(path: Path) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)  # fails if another server was first, whose key is then used
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
