"""Backups: all of a site in a directory, and a site made of it again.

A backup has the database as one snapshot, the files of media and the secrets, and the checksums of
all of them. Files that the backup before it has are linked, not copied: media never change, so each
backup is whole and takes only the room of what is new. The database comes first, because the files
of deleted tweets stay for days.

A backup has the name of its time once it is whole. Until then its directory ends in `.partial`.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection

from accounts.models import User
from chirp.redis.client import RedisAway, client
from chirp.version import VERSION
from operations import backup_database, backup_files
from operations.backup_files import PARTIAL, SUMS, checksum, files_in
from operations.backup_manifest import (
    DATABASE,
    MANIFEST,
    MEDIA,
    SECRETS,
    BackupError,
    Manifest,
    check,
    is_media,
    read,
)

NAME = "%Y%m%dT%H%M%SZ"


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
    for source in (_media(), _secrets()):
        if source and place.resolve().is_relative_to(source.resolve()):
            raise BackupError(f"{place} is in {source}, which is backed up: choose another place.")
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
    migrations = backup_database.applied()
    backup_database.dump(dump)
    media = _copy_media(draft, earlier[-1] if earlier else None)
    sums = {DATABASE: checksum(dump)} | (media or {}) | _copy_secrets(draft)
    backup_files.write_sums(draft, sums)
    manifest = Manifest(
        version=VERSION,
        made_at=now().isoformat(),
        migrations=migrations,
        database_bytes=dump.stat().st_size,
        database_sha256=sums[DATABASE],
        media=None if media is None else len(media),
        sums_sha256=checksum(draft / SUMS),
        changed=_changed(media or {}, earlier[-1]) if earlier else [],
    )
    backup_files.write(draft / MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
    made = draft.rename(place / name)
    for old in [*earlier, made][:-keep]:
        shutil.rmtree(old)
    return made


def all_in(place: Path) -> list[Path]:
    """The backups in a directory, the oldest first."""
    return sorted(found.parent for found in place.glob(f"*Z/{MANIFEST}"))


def is_empty() -> bool:
    """Whether the site has no accounts."""
    return (
        User._meta.db_table not in connection.introspection.table_names()
        or not User.objects.exists()
    )


def restore(backup: Path, *, skip_damaged: bool = False) -> Manifest:
    """Replace the database, the secrets and what Redis has, and put the files of media there.

    Files of media and secrets that are damaged in the backup are left out if `skip_damaged`. Raises
    BackupError, before anything is changed if the backup is at fault. It can be run again then.
    """
    manifest = read(backup)
    names = check(backup, manifest, skip_damaged=skip_damaged)
    backup_database.check_programs()
    try:
        client().ping()
    except RedisAway as error:
        raise BackupError("Redis does not answer: it has to forget its timelines.") from error
    _put_media(backup, names)  # first: if there is no room, the database is as it was
    backup_database.replace(backup / DATABASE)
    _replace_secrets(backup, names)
    connection.close()  # what it has prepared is of tables that are gone
    call_command("migrate", verbosity=0)
    client().flushdb()  # timelines are built again, and name tweets that may be gone
    return manifest


def _media() -> Path | None:
    """The directory of media, or None if they are in a bucket."""
    if isinstance(default_storage, FileSystemStorage):
        return Path(default_storage.location)
    return None


def _copy_media(draft: Path, earlier: Path | None) -> dict[str, str] | None:
    """Copy the files of media, or link those that the earlier backup has.

    Returns their checksums by their path in the backup, or None if they are in a bucket.
    """
    if (root := _media()) is None:
        return None
    draft.joinpath(MEDIA).mkdir(mode=0o700)
    sums = {}
    for file in files_in(root):
        name = str(Path(MEDIA) / file.relative_to(root))
        target = draft / name
        backup_files.private_dir(target.parent)
        try:
            sums[name] = (
                backup_files.link_or_copy(file, target, earlier / name)
                if earlier
                else backup_files.copy(file, target)
            )
        except FileNotFoundError:
            continue  # it was deleted meanwhile
    return sums


def _changed(media: dict[str, str], earlier: Path) -> list[str]:
    """Files of media that had other bytes when the earlier backup was made."""
    try:
        before = backup_files.read_sums(earlier)
    except (OSError, ValueError):
        return []  # of an older version, or damaged
    return [name for name, found in media.items() if before.get(name, found) != found]


def _put_media(backup: Path, names: list[str]) -> None:
    for name in names:
        if is_media(name):
            backup_files.put_into_media(backup / name, name.removeprefix(f"{MEDIA}/"))


def _copy_secrets(draft: Path) -> dict[str, str]:
    sums = {}
    for file in files_in(_secrets()):
        name = str(Path(SECRETS) / file.relative_to(_secrets()))
        backup_files.private_dir((draft / name).parent)
        sums[name] = backup_files.copy(file, draft / name)
    return sums


def _replace_secrets(backup: Path, names: list[str]) -> None:
    for name in names:
        if name.startswith(f"{SECRETS}/"):
            target = _secrets() / name.removeprefix(f"{SECRETS}/")
            backup_files.replace(backup / name, target)


def _secrets() -> Path:
    var: Any = settings.VAR_DIR
    return Path(var) / "secrets"
