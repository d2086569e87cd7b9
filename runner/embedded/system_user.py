"""PostgreSQL refuses to run as root. Where everything else is root, a system user runs it.

That user gets its own directories and nothing more, except the right to pass through the
directories above them, and to read the program.
"""

import logging
import os
import pwd
import stat
import subprocess
from pathlib import Path

from runner.embedded.paths import EmbeddedError

NAME = "chirp-postgres"
log = logging.getLogger(__name__)


def ensure() -> pwd.struct_passwd:
    """The system user, made when it is not there yet. Only for root."""
    if not _known():
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            if not _known():  # somebody else may have been faster
                raise EmbeddedError(
                    f"PostgreSQL does not run as root, and the user {NAME} could not be made. Make "
                    "that user, or start this as an ordinary user."
                ) from error
    return pwd.getpwnam(NAME)


def group() -> int | None:
    """The system user's group when we are root; else None, for our own."""
    return ensure().pw_gid if os.geteuid() == 0 else None


def give(account: pwd.struct_passwd, folder: Path) -> None:
    """Make `folder` and all in it the account's own, and let the account reach it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != account.pw_uid:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    _let_pass(account, folder)


def let_run(account: pwd.struct_passwd, program: Path) -> None:
    """Let the account run a program of an installed package, shared libraries included."""
    if _runs(account, program):
        return
    package = program.parents[2]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        for path in [folder, *folder.rglob("*")]:
            _allow_everybody_what_the_owner_may(path)
        _let_pass(account, folder)
    if not _runs(account, program):
        raise EmbeddedError(f"The user {NAME}, as whom PostgreSQL runs, cannot run {program}.")


def _known() -> bool:
    return any(entry.pw_name == NAME for entry in pwd.getpwall())


def _runs(account: pwd.struct_passwd, program: Path) -> bool:
    try:
        result = subprocess.run(
            [str(program), "--version"],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return result.returncode == 0


def _let_pass(account: pwd.struct_passwd, path: Path) -> None:
    for folder in reversed(path.parents):
        info = folder.stat()
        bit = stat.S_IXUSR if info.st_uid == account.pw_uid else stat.S_IXOTH
        if not info.st_mode & bit:
            log.warning("%s may now pass through %s.", account.pw_name, folder)
            folder.chmod(stat.S_IMODE(info.st_mode) | bit)


def _allow_everybody_what_the_owner_may(path: Path) -> None:
    if path.is_symlink() or not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 6)
