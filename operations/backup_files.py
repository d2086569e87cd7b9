"""The files of a backup: copied with their checksums, compared with them, and put back.

The checksums are in a file that `sha256sum -c` reads. All files of a backup have the mode 0600.
"""

import hashlib
import os
from pathlib import Path, PurePosixPath

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage

PRIVATE = 0o600
PARTIAL = ".partial"
SUMS = "SHA256SUMS"
PIECE_BYTES = 1024 * 1024


def files_in(root: Path) -> list[Path]:
    """All files below a directory."""
    return sorted(path for path in root.rglob("*") if path.is_file())


def private_dir(folder: Path) -> None:
    """Make a directory, and those above it, for its owner alone. Those that exist stay as is."""
    if not folder.is_dir():
        private_dir(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def checksum(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def copy(file: Path, target: Path) -> str:
    """Copy a file to one that only its owner can read. Returns the SHA-256 of what was read."""
    digest = hashlib.sha256()
    with file.open("rb") as source:  # first, so that nothing is left of one that is gone
        opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with open(opened, "wb") as copied:
            while piece := source.read(PIECE_BYTES):
                digest.update(piece)
                copied.write(piece)
    return digest.hexdigest()


def link_or_copy(file: Path, target: Path, known: Path) -> str:
    """Link to the same file of an earlier backup, if it has the same bytes, or copy it.

    Both are read: the one in the earlier backup may be damaged, or unreadable. Returns the SHA-256.
    """
    if known.is_file() and known.stat().st_size == file.stat().st_size:
        found = checksum(file)
        if _is_whole(known, found):
            try:
                os.link(known, target)
            except OSError:  # this file system has no links
                return copy(file, target)
            return found
    return copy(file, target)


def replace(file: Path, target: Path) -> None:
    """Put a copy of a file where another may be. Until it is whole it has another name."""
    private_dir(target.parent)
    draft = target.with_name(target.name + PARTIAL)
    try:
        copy(file, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def put_into_media(file: Path, name: str) -> None:
    """Store a file of media under this name, unless the same bytes are there."""
    if default_storage.exists(name) and _stored(name) == checksum(file):
        return
    if isinstance(default_storage, FileSystemStorage):
        replace(file, Path(default_storage.path(name)))
    else:  # a bucket has the old object until the new one is whole
        with file.open("rb") as opened:
            default_storage.save(name, File(opened))


def _stored(name: str) -> str:
    digest = hashlib.sha256()
    with default_storage.open(name) as opened:
        for piece in opened.chunks(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def write(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read."""
    file.touch(PRIVATE)
    file.write_bytes(content)


def write_sums(backup: Path, sums: dict[str, str]) -> None:
    """Write the checksums of the files of a backup, by their path in it."""
    lines = (_line(name, found) for name, found in sums.items())
    write(backup / SUMS, b"".join(lines))


def _line(name: str, found: str) -> bytes:
    # As sha256sum does it: the name is in one line, which begins with \ if that takes an escape.
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n")
    mark = "" if escaped == name else "\\"
    return os.fsencode(f"{mark}{found}  {escaped}\n")


def read_sums(backup: Path) -> dict[str, str]:
    """The checksums that a backup has of its files, by their path in it. Raises ValueError."""
    sums = {}
    for line in os.fsdecode(backup.joinpath(SUMS).read_bytes()).split("\n")[:-1]:
        found, name = line.split("  ", 1)
        if found.startswith("\\"):
            name = "\\".join(part.replace("\\n", "\n") for part in name.split("\\\\"))
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(name)
        sums[name] = found.removeprefix("\\")
    return sums


def damaged(backup: Path, sums: dict[str, str]) -> list[str]:
    """Those of the files that are missing, cannot be read, or have other bytes."""
    return [name for name, found in sums.items() if not _is_whole(backup / name, found)]


def _is_whole(file: Path, found: str) -> bool:
    try:
        return checksum(file) == found
    except OSError:
        return False
