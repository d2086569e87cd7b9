"""The key that the servers of a herd share, which is never in a file that is passed around."""

import os
import secrets
import tempfile
from pathlib import Path

from herd.settings import CHECKOUT, BadSettings

SHORTEST = 32  # characters


def var_dir() -> Path:
    """Where data, logs and secrets of this machine are: VAR_DIR, or var/ in the checkout."""
    return Path(os.environ.get("VAR_DIR", "").strip() or CHECKOUT / "var")


def shared_key(var: Path) -> bytes:
    """HERD_KEY, or else the key in `var`/secrets, made on the first run. Raises BadSettings."""
    given = os.environ.get("HERD_KEY", "").strip()
    if given and len(given) < SHORTEST:
        raise BadSettings(f"HERD_KEY is too short: at least {SHORTEST} characters.")
    return given.encode() or _kept(var / "secrets" / "herd_key")


def _kept(path: Path) -> bytes:
    """The key in this file. Servers that start at once agree on one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise BadSettings(f"the key in {path} cannot be read: {error.strerror}.") from None
    if len(key) < SHORTEST:
        raise BadSettings(f"the key in {path} is too short: at least {SHORTEST} characters.")
    return key


def _make(path: Path) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)  # fails where another server was first: then theirs counts
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
