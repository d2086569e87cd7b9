"""URLs of the embedded servers, which depend on the directory `var` alone. Imports no Django.

Settings can thus name the servers before they run, without importing the package that runs them.
"""

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import quote

DATABASE = "chirp"

# Linux allows 107 bytes in the path of a socket, macOS 103.
LONGEST_SOCKET_PATH = 100
# Some clients do not support a space or a comma in the path of a socket.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")
POSTGRES_SOCKET = Path("postgres") / ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"


def absolute(path: Path) -> Path:
    """The absolute path, without resolving symbolic links."""
    return Path(os.path.abspath(path))


def run_dir(var: Path) -> Path:
    """The directory of the sockets: `var/run`, or a short one in /tmp if that path is unusable."""
    run = absolute(var) / "run"
    fits = len(os.fsencode(run / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH
    if fits and PLAIN_PATH.fullmatch(str(run)):
        return run
    digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:16]
    # Not tempfile.gettempdir(): shells with different TMPDIRs must agree, and TMPDIR may be long.
    return Path("/tmp") / f"chirp-{digest}"  # noqa: S108 - private_dir() refuses another user's


def postgres_socket(var: Path) -> Path:
    """The socket of the embedded PostgreSQL."""
    return run_dir(var) / POSTGRES_SOCKET


def valkey_socket(var: Path) -> Path:
    """The socket of the embedded Valkey."""
    return run_dir(var) / VALKEY_SOCKET


def database_url(var: Path) -> str:
    """The URL of the embedded database, for `DATABASE_URL`."""
    folder = quote(str(postgres_socket(var).parent), safe="")
    return f"postgresql://{DATABASE}@{folder}:5432/{DATABASE}"


def redis_url(var: Path) -> str:
    """The URL of the embedded Valkey's database for timelines, for `REDIS_URL`."""
    return f"unix://{valkey_socket(var)}?db=0"


def broker_url(var: Path) -> str:
    """The URL of the embedded Valkey's database for Celery, for `CELERY_BROKER_URL`."""
    return f"redis+socket://{valkey_socket(var)}?virtual_host=1"
