"""The addresses of the embedded servers, which follow from the directory `var` alone. Pure.

So settings can name the servers before they run, and without importing the package that runs them.
"""

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import quote

DATABASE = "chirp"

# Linux allows 107 bytes in the path of a socket, macOS 103.
LONGEST_SOCKET_PATH = 100
# Not every client copes with a space or a comma in the path of a socket.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")
POSTGRES_SOCKET = Path("postgres") / ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"


def absolute(path: Path) -> Path:
    """The path from the root on, with symbolic links left as they are."""
    return Path(os.path.abspath(path))


def run_dir(var: Path) -> Path:
    """The directory of the sockets: `var/run`, or a plain short one where that cannot hold them."""
    run = absolute(var) / "run"
    fits = len(os.fsencode(run / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH
    if fits and PLAIN_PATH.fullmatch(str(run)):
        return run
    digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:16]
    # Not tempfile.gettempdir(): shells with different TMPDIRs must agree, and that may be long too.
    return Path("/tmp") / f"chirp-{digest}"  # noqa: S108 - private_dir() refuses somebody else's


def postgres_socket(var: Path) -> Path:
    """The socket of the embedded PostgreSQL."""
    return run_dir(var) / POSTGRES_SOCKET


def valkey_socket(var: Path) -> Path:
    """The socket of the embedded Valkey."""
    return run_dir(var) / VALKEY_SOCKET


def database_url(var: Path) -> str:
    """The address of the embedded database, for `DATABASE_URL`."""
    folder = quote(str(postgres_socket(var).parent), safe="")
    return f"postgresql://{DATABASE}@{folder}:5432/{DATABASE}"


def redis_url(var: Path) -> str:
    """The address of the embedded Valkey for timelines, for `REDIS_URL`."""
    return f"unix://{valkey_socket(var)}?db=0"


def broker_url(var: Path) -> str:
    """The address of the embedded Valkey for Celery, for `CELERY_BROKER_URL`."""
    return f"redis+socket://{valkey_socket(var)}?virtual_host=1"
