"""The database of a backup, written and read by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from chirp.embedded_programs import postgres_program
from operations.backup_files import PRIVATE
from operations.backup_manifest import BackupError
from operations.sql import DROP_EVERYTHING

# Only a superuser could restore it, and it has no data of Chirp.
EXTENSION = "pg_stat_statements"
DUMP, RESTORE, RUN = "pg_dump", "pg_restore", "psql"
# What psql prints is of no use, and it stops at the first error. It reads no file of its user.
QUIET = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
ERROR_LENGTH = 1000


def applied() -> list[str]:
    """The migrations that the database has."""
    return [".".join(key) for key in sorted(MigrationLoader(connection).applied_migrations)]


def dump(to: Path) -> None:
    """Write the database, as it is at one moment, to a file for its owner alone."""
    options = ("--format=custom", f"--exclude-extension={EXTENSION}", f"--file={to}")
    with TemporaryFile() as errors:
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, and the name of a file
            [_program(DUMP), *options],
            env=_environment(),
            stderr=errors,
            check=False,
            umask=0o777 & ~PRIVATE,
        )
        _explain(DUMP, done.returncode, errors)


def check_programs() -> None:
    """Raise BackupError if a program is missing that `replace` needs."""
    _program(RESTORE)
    _program(RUN)


def replace(by: Path) -> None:
    """Replace everything in the database by a dump, in one transaction.

    Requests wait for its end, or for their statement timeout: they never find a table missing. If
    it fails, the database is as it was. Raises BackupError.
    """
    with connection.cursor() as cursor:
        cursor.execute(DROP_EVERYTHING, [])
        begin = ["BEGIN", *(statement for (statement,) in cursor.fetchall())]
    connection.close()  # what it has prepared is of tables that will be gone
    with TemporaryFile() as unread, TemporaryFile() as unwritten:
        with (
            subprocess.Popen(  # noqa: S603 - programs of PostgreSQL, and the name of a file
                [_program(RESTORE), "--no-owner", "--no-privileges", "--file=-", str(by)],
                stdout=subprocess.PIPE,
                stderr=unread,
            ) as source,
            subprocess.Popen(  # noqa: S603
                [_program(RUN), *QUIET],
                env=_environment(),
                stdin=subprocess.PIPE,
                stderr=unwritten,
            ) as target,
        ):
            assert source.stdout is not None
            assert target.stdin is not None
            with suppress(BrokenPipeError), target.stdin:  # it says below why it ended
                target.stdin.write("".join(f"{statement};\n" for statement in begin).encode())
                shutil.copyfileobj(source.stdout, target.stdin)
                if source.wait() == 0:  # without this, PostgreSQL rolls all of it back
                    target.stdin.write(b"COMMIT;\n")
            source.stdout.close()
        _explain(RUN, target.returncode, unwritten)
        _explain(RESTORE, source.returncode, unread)


def _explain(name: str, status: int, errors: IO[bytes]) -> None:
    """Raise BackupError with what a program has said, if it failed."""
    if status:
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()[-ERROR_LENGTH:]
        raise BackupError(f"{name} failed: {said}")


def _environment() -> dict[str, str]:
    """The environment in which programs of PostgreSQL find Chirp's database, and no other."""
    parameters = connection.get_connection_params()
    variables = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "dbname",
        "PGSSLMODE": "sslmode",
        "PGTARGETSESSIONATTRS": "target_session_attrs",
    }
    known = {
        variable: str(parameters[key]) for variable, key in variables.items() if parameters.get(key)
    }
    others = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return others | known


def _program(name: str) -> str:
    program = postgres_program(name) or shutil.which(name)
    if program is None:
        raise BackupError(f"{name} is not installed: install PostgreSQL's client programs.")
    return str(program)
