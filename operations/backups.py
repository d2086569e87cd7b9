"""Backups: all of a site in a directory, and a site made of it again.

A backup has the database as one snapshot, the files of media and the secrets. Files that the backup
before it has are linked, not copied: media never change, so each backup is whole and costs only
what is new. The database comes first, because the files of deleted tweets stay for days.

A backup has the name of its time once it is whole. Until then its directory ends in `.partial`.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from chirp.embedded_programs import postgres_program
from chirp.redis.client import RedisAway, client
from chirp.version import VERSION
from operations.sql import DROP_EVERYTHING

NAME = "%Y%m%dT%H%M%SZ"
DATABASE, MEDIA, SECRETS, MANIFEST = "database.dump", "media", "secrets", "manifest.json"
PARTIAL = ".partial"
# Only a superuser could restore it, and it has no data of Chirp.
EXTENSION = "pg_stat_statements"


class BackupError(Exception):
    """A backup cannot be made or restored. The message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup has. `media` is the number of files, or None if they are in a bucket."""

    version: str
    made_at: str
    migrations: list[str]
    database_bytes: int
    database_sha256: str
    media: int | None


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@contextmanager
def explained() -> Iterator[None]:
    """Raise BackupError, in one line, for what goes wrong with files and the database."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"A file cannot be read or written: {error}.") from error
    except DatabaseError as error:
        raise BackupError(f"PostgreSQL says: {str(error).splitlines()[0]}") from error


def make(place: Path, *, keep: int) -> Path:
    """Back the site up into a new directory in `place`, and remove all but the newest `keep`.

    Returns the new directory. Raises BackupError and OSError; what is then there of it is no
    backup, and the next one removes it.
    """
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(place):
        return _make(place, keep=keep)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Let no other backup be made in a directory during the block. Raises BackupError."""
    directory = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BackupError(f"Another backup is being made in {place}.") from error
    finally:
        os.close(directory)


def _make(place: Path, *, keep: int) -> Path:
    for rest in place.glob(f"*{PARTIAL}"):
        shutil.rmtree(rest)
    earlier = all_in(place)
    name = now().strftime(NAME)
    if any(backup.name >= name for backup in earlier):
        raise BackupError(f"{earlier[-1]} is as new: wait a second, or set the clock right.")
    draft = place / f"{name}{PARTIAL}"
    draft.mkdir(mode=0o700)
    dump = draft / DATABASE
    migrations = _applied()
    _postgres("pg_dump", "--format=custom", f"--exclude-extension={EXTENSION}", f"--file={dump}")
    media = _copy_media(draft / MEDIA, earlier[-1] / MEDIA if earlier else None)
    _copy_secrets(draft / SECRETS)
    manifest = Manifest(
        version=VERSION,
        made_at=now().isoformat(),
        migrations=migrations,
        database_bytes=dump.stat().st_size,
        database_sha256=_sum(dump),
        media=media,
    )
    draft.joinpath(MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    made = draft.rename(place / name)
    for old in [*earlier, made][:-keep]:
        shutil.rmtree(old)
    return made


def all_in(place: Path) -> list[Path]:
    """The backups in a directory, the oldest first."""
    return sorted(found.parent for found in place.glob(f"*Z/{MANIFEST}"))


def read(backup: Path) -> Manifest:
    """What a backup has, after a look at whether it is whole. Raises BackupError."""
    try:
        manifest = Manifest(**json.loads(backup.joinpath(MANIFEST).read_text()))
        is_whole = _sum(backup / DATABASE) == manifest.database_sha256
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{backup} is no backup: {error}") from error
    if not is_whole:
        raise BackupError(f"{backup / DATABASE} is damaged: its SHA-256 is another.")
    unknown = set(manifest.migrations) - set(_known())
    if unknown:
        raise BackupError(
            f"{backup} was made by a newer Chirp ({manifest.version}), with migrations that this "
            f"one does not know: {', '.join(sorted(unknown)[:3])}. Install that version."
        )
    return manifest


def is_empty() -> bool:
    """Whether the site has no accounts."""
    return (
        User._meta.db_table not in connection.introspection.table_names()
        or not User.objects.exists()
    )


def restore(backup: Path) -> Manifest:
    """Replace the database, the secrets and what Redis has, and add the files of media.

    Raises BackupError, before anything is changed if the backup is at fault.
    """
    manifest = read(backup)
    _program("pg_restore")
    try:
        client().ping()
    except RedisAway as error:
        raise BackupError("Redis does not answer: it has to forget its timelines.") from error
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DROP_EVERYTHING, [])
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _postgres("pg_restore", *options, str(backup / DATABASE))
    _add_media(backup / MEDIA)
    _replace_secrets(backup / SECRETS)
    connection.close()  # what it has prepared is of tables that are gone
    call_command("migrate", verbosity=0)
    client().flushdb()  # timelines are built again, and name tweets that may be gone
    return manifest


# --- The database --------------------------------------------------------------------------------


def _postgres(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on Chirp's database. Raises BackupError with what it says."""
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
    # pg_restore writes to its standard output unless it is told a database.
    database = [f"--dbname={parameters['dbname']}"] if name == "pg_restore" else []
    done = subprocess.run(  # noqa: S603 - programs of PostgreSQL, and names of files
        [_program(name), *database, *arguments],
        env=others | known,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip()[-1000:]}")


def _program(name: str) -> str:
    program = postgres_program(name) or shutil.which(name)
    if program is None:
        raise BackupError(f"{name} is not installed: install PostgreSQL's client programs.")
    return str(program)


def _applied() -> list[str]:
    return [".".join(key) for key in sorted(MigrationLoader(connection).applied_migrations)]


def _known() -> list[str]:
    return [".".join(key) for key in MigrationLoader(None).disk_migrations]


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


# --- Files ---------------------------------------------------------------------------------------


def _copy_media(to: Path, earlier: Path | None) -> int | None:
    """Copy the files of media, or link those that the earlier backup has. Returns how many."""
    if not isinstance(default_storage, FileSystemStorage):
        return None
    root = Path(default_storage.location)
    to.mkdir(mode=0o700)
    count = 0
    for file in _files(root):
        target = to / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        known = earlier / file.relative_to(root) if earlier else None
        try:
            _link_or_copy(file, target, known)
        except FileNotFoundError:
            continue  # it was deleted meanwhile
        count += 1
    return count


def _link_or_copy(file: Path, target: Path, known: Path | None) -> None:
    if known and known.is_file() and known.stat().st_size == file.stat().st_size:
        try:
            os.link(known, target)
        except OSError:  # this file system has no links
            shutil.copy2(file, target)
    else:
        shutil.copy2(file, target)


def _add_media(files: Path) -> None:
    for file in _files(files):
        name = file.relative_to(files).as_posix()
        if not default_storage.exists(name):
            with file.open("rb") as opened:
                default_storage.save(name, opened)


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def _copy_secrets(to: Path) -> None:
    folder = _secrets()
    if folder.is_dir():
        shutil.copytree(folder, to)


def _replace_secrets(files: Path) -> None:
    for file in _files(files):
        target = _secrets() / file.relative_to(files)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(file, target)


def _secrets() -> Path:
    var: Any = settings.VAR_DIR
    return Path(var) / "secrets"
