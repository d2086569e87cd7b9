"""The files of media in the storage: where they are, and how they get there and out again."""

import io
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from chirp.errors import Unavailable
from chirp.texts import text as _

log = logging.getLogger(__name__)

COPY_BYTES = 1024 * 1024
PART_BYTES = 1024 * 1024
RETRY_SECONDS = 30
SHELF_LENGTH = 2


def new_key() -> str:
    """A random name for media, which cannot be guessed."""
    return secrets.token_urlsafe(16)


def directory(key: str) -> str:
    """Where all files of one upload are. The first level keeps directories small."""
    return f"{key[:SHELF_LENGTH]}/{key}"


class StorageAway(Unavailable):
    """The storage does not answer, or is full."""

    message = _("Files cannot be stored right now. Please try again in a moment.")

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_SECONDS)


@contextmanager
def _reaching() -> Iterator[None]:
    """Raise StorageAway for what goes wrong, except for a file that is missing."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:  # each kind of storage has its own
        log.exception("The media storage failed.")
        raise StorageAway from error


def put(path: str, file: IO[Any]) -> str:
    """Store a file, and return the path that it got. Raises StorageAway."""
    with _reaching():
        return default_storage.save(path, File(file))


def open_file(path: str) -> IO[bytes]:
    """Open a stored file. Raises FileNotFoundError and StorageAway."""
    with _reaching():
        return default_storage.open(path)


def open_in_parts(path: str) -> IO[bytes]:
    """Open a large file of which only parts are read: of one in a bucket, only these are fetched.

    Raises FileNotFoundError and StorageAway, and StorageAway when it is read.
    """
    file = open_file(path)
    if is_local():
        return file
    return io.BufferedReader(_Ranges(file), PART_BYTES)


class _Ranges(io.RawIOBase):
    """A file in a bucket, of which every read is a request for these bytes."""

    def __init__(self, file: Any) -> None:
        self._object, self._size, self._at = file.obj, file.size, 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It has positions."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position: from the beginning, from here (1), or from the end (2)."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        """The position."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with the next bytes. Raises StorageAway."""
        last = min(self._at + len(buffer), self._size) - 1
        if last < self._at:
            return 0
        with _reaching():
            found = self._object.get(Range=f"bytes={self._at}-{last}")["Body"].read()
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def remove(path: str) -> None:
    """Remove a file, if it is there. Raises StorageAway."""
    with _reaching():
        default_storage.delete(path)


def remove_all(key: str) -> None:
    """Remove all files of one upload. Idempotent. Raises StorageAway."""
    place = directory(key)
    with suppress(FileNotFoundError), _reaching():
        _, names = default_storage.listdir(place)
        for name in names:
            default_storage.delete(f"{place}/{name}")
        if is_local():
            default_storage.delete(place)  # buckets have no directories


def shelves() -> list[str]:
    """The names of the directories that hold those of uploads. Others are of other apps."""
    return [name for name in directories("") if len(name) == SHELF_LENGTH]


def directories(place: str) -> list[str]:
    """The names of the directories in one; none if it does not exist. Raises StorageAway."""
    with suppress(FileNotFoundError), _reaching():
        return list(default_storage.listdir(place)[0])
    return []


def changed_before(key: str, time: datetime) -> bool:
    """Whether all files of an upload were stored before this time."""
    place = directory(key)
    _, names = default_storage.listdir(place)
    return all(default_storage.get_modified_time(f"{place}/{name}") < time for name in names)


def is_local() -> bool:
    """Whether files are in a directory of this machine."""
    return isinstance(default_storage, FileSystemStorage)


def link(path: str, *, type: str) -> str:
    """A link into the bucket that works for a few minutes. The bucket answers with this type."""
    parameters = {"ResponseContentType": type, "ResponseContentDisposition": "inline"}
    return str(default_storage.url(path, parameters=parameters))  # type: ignore[call-arg]


@contextmanager
def local_copy(path: str, place: Path) -> Iterator[Path]:
    """The file in the file system: itself, or a copy in the directory `place`.

    Raises FileNotFoundError.
    """
    if is_local():
        found = Path(default_storage.path(path))
        if not found.exists():
            raise FileNotFoundError(path)
        yield found
        return
    copy = place / "original"
    with _reaching(), open_file(path) as source, copy.open("wb") as target:
        while block := source.read(COPY_BYTES):
            target.write(block)
    yield copy
