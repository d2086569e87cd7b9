"""An uploaded archive as its kinds read it: a ZIP archive, or one file. No Django.

Nothing of an archive is believed: its names lead nowhere, and no more is unpacked than fits. What
is wrong with it is told in a sentence for its owner.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from chirp.errors import ChirpError
from chirp.texts import ntext
from chirp.texts import text as _

MOST_FILES = 300_000
MOST_TEXT_BYTES = 2 * 1024**3  # of one file that is read as text
MOST_RATIO = 200  # unpacked to packed bytes, of files that are large
SMALL_BYTES = 10 * 1024**2
TAR = "This is a tar.gz archive. Unpack it, and pack its files as a ZIP archive."
UNSAFE = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|[\x00-\x1f]")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


class BadArchive(ChirpError):
    """The file is no archive that can be imported. The message says why."""

    code = "bad_archive"
    message = _("This is no archive that can be imported.")
    field = "file"


class Archive:
    """An archive. `names` are the files in it; one that is no ZIP archive has only itself.

    Raises BadArchive, as all its methods do.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        file.seek(0)
        begin = file.read(2)
        if begin == b"\x1f\x8b":
            raise BadArchive(TAR)
        self._file, self.zipped = file, begin == b"PK"
        file.seek(0)
        self._infos = self._directory() if self.zipped else {}
        self.names = list(self._infos) if self.zipped else [name]

    def _directory(self) -> dict[str, zipfile.ZipInfo]:
        with _readable():
            self._zip = zipfile.ZipFile(self._file)
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES:
            raise BadArchive(
                ntext(
                    "The archive has more than %(num)s files in it.",
                    "The archive has more than %(num)s files in it.",
                    MOST_FILES,
                )
            )
        for info in infos:
            _check(info)
        return {info.filename: info for info in infos}

    def matching(self, pattern: str) -> list[str]:
        """Return the names that a regular expression matches as a whole, in their order."""
        return sorted(name for name in self.names if re.fullmatch(pattern, name))

    def size(self, name: str) -> int:
        """Return the bytes of a file in the archive."""
        return self._infos[name].file_size

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file of the archive."""
        if not self.zipped:
            self._file.seek(0)
            yield self._file
            return
        if name not in self._infos:
            raise BadArchive(_("The archive has no file %(shown)s.", shown=shown(name)))
        with _readable(name), self._zip.open(self._infos[name]) as file:
            yield file

    @contextmanager
    def open_text(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file that is read as text, which is not larger than any real one."""
        if self.zipped and name in self._infos and self.size(name) > MOST_TEXT_BYTES:
            raise BadArchive(
                _("The file %(shown)s in the archive is too large.", shown=shown(name))
            )
        with self.open(name) as file:
            yield file


def shown(name: str) -> str:
    """Return a name from an archive as a sentence can quote it."""
    printable = "".join(c if c.isprintable() else "?" for c in name)
    return f"“{printable[:80]}”"


def _check(info: zipfile.ZipInfo) -> None:
    if UNSAFE.search(info.filename) or UNSAFE.search(info.orig_filename):
        raise BadArchive(
            _("The archive has a file with the name %(shown)s.", shown=shown(info.filename))
        )
    if info.flag_bits & 1:
        raise BadArchive(_("The archive is encrypted. Upload it without a password."))
    if info.file_size > SMALL_BYTES and info.file_size > MOST_RATIO * info.compress_size:
        raise BadArchive(
            _("The file %(shown)s would unpack to far more than fits.", shown=shown(info.filename))
        )


@contextmanager
def _readable(name: str | None = None) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        if name is None:
            raise BadArchive(
                _("The archive is damaged, or was not uploaded completely.")
            ) from error
        raise BadArchive(
            _("The file %(shown)s in the archive is damaged.", shown=shown(name))
        ) from error
