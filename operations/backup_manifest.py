"""What a backup has, by its manifest and its checksums, and whether that is so."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_origin

from django.db.migrations.loader import MigrationLoader

from chirp.version import VERSION
from operations.backup_files import SUMS, checksum, damaged, files_in, read_sums

DATABASE, MEDIA, SECRETS, MANIFEST = "database.dump", "media", "secrets", "manifest.json"


class BackupError(Exception):
    """A backup cannot be made or restored. The message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup has. `media` is the number of files, or None if they are in a bucket.

    Backups of older versions have no checksums of files. `changed` names those files of media that
    had other bytes in the backup before.
    """

    version: str
    made_at: str
    migrations: list[str]
    database_bytes: int
    database_sha256: str
    media: int | None
    sums_sha256: str | None = None
    changed: list[str] = field(default_factory=list)


def read(backup: Path) -> Manifest:
    """What a backup says that it has. Raises BackupError."""
    file = backup / MANIFEST
    try:
        manifest = Manifest(**json.loads(file.read_bytes()))
        if not all(_is_a(getattr(manifest, one.name), one.type) for one in fields(Manifest)):
            raise TypeError
    except OSError as error:
        raise BackupError(f"{backup} is no backup: {file}: {error.strerror}.") from error
    except ValueError as error:
        raise BackupError(f"{backup} is no backup: {file} is not JSON.") from error
    except TypeError as error:  # an entry is missing, unknown or of another type
        raise BackupError(
            f"{backup} is no backup: {file} has other entries than Chirp {VERSION} writes."
        ) from error
    return manifest


def _is_a(value: object, kind: Any) -> bool:
    if get_origin(kind) is list:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, kind)


def check(backup: Path, manifest: Manifest, *, skip_damaged: bool) -> list[str]:
    """The files of a backup that can be restored: all, or it raises BackupError."""
    unknown = set(manifest.migrations) - set(_known())
    if unknown:
        raise BackupError(
            f"{backup} was made by a newer Chirp ({manifest.version}), with migrations that this "
            f"one does not know: {', '.join(sorted(unknown)[:3])}. Install that version."
        )
    sums = _sums(backup, manifest)
    lost = damaged(backup, sums)
    media = len([name for name in sums if is_media(name)])
    count = len(lost) + max((manifest.media or 0) - media, 0)
    if DATABASE in lost or (count and not skip_damaged):
        raise BackupError(
            f"{backup} is damaged: of its files, {count:,} are missing or not as they were written"
            f"{': ' if lost else ''}{', '.join(lost[:3])}{', ...' if lost[3:] else '.'}"
        )
    return sorted(sums.keys() - set(lost))


def is_media(name: str) -> bool:
    """Whether a file of a backup is one of media."""
    return name.startswith(f"{MEDIA}/")


def _sums(backup: Path, manifest: Manifest) -> dict[str, str]:
    """The checksums of all files of a backup. Raises BackupError."""
    if manifest.sums_sha256 is None:  # of an older version, which knew only that of the dump
        files = (*files_in(backup / MEDIA), *files_in(backup / SECRETS))
        found = {str(file.relative_to(backup)): checksum(file) for file in files}
        return {DATABASE: manifest.database_sha256} | found
    try:
        if checksum(backup / SUMS) == manifest.sums_sha256:
            return read_sums(backup)
    except (OSError, ValueError) as error:
        raise BackupError(f"{backup / SUMS} is missing or cannot be read.") from error
    raise BackupError(f"{backup / SUMS} is damaged: its SHA-256 is another.")


def _known() -> list[str]:
    return [".".join(key) for key in MigrationLoader(None).disk_migrations]
