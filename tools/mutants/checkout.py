"""Copies the checkout, so that mutants change only the copy."""

import compileall
import shutil
import subprocess
from pathlib import Path
from py_compile import PycInvalidationMode

CHECKOUT = Path(__file__).resolve().parents[2]


def copy_to(directory: Path) -> None:
    """Copy all tracked files, and untracked ones that are not ignored, and compile them."""
    for name in _listed():
        if (CHECKOUT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, directory / name)
    # A file may change twice within a second, with the same modification time: Python has to
    # compare the contents.
    invalidation = PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(directory, quiet=2, invalidation_mode=invalidation)


def _listed() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]
