"""A small file system that can be filled completely, if mounting is allowed."""

import contextlib
import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

MEGABYTES = 768
CHUNK = bytes(1024 * 1024)


class Disk:
    """A file system in memory at `folder`; an ordinary directory if mounting is not allowed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        options = ["-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "chirp"]
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
        self.is_mounted = done.returncode == 0

    def remove(self) -> None:
        """Unmount the file system, if it was mounted."""
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Leave no byte free while the block runs."""
        ballast = self.folder / "ballast"
        try:
            _fill(ballast)
            yield
        finally:
            ballast.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        for chunk in (CHUNK, CHUNK[:4096]):  # large chunks first, then the rest
            try:
                while True:
                    file.write(chunk)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
