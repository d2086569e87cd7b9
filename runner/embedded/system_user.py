"""The system user for PostgreSQL, which refuses to run as root, when everything else does.

The user gets its own directories. Beyond that it may only pass through the directories above them,
and read and run the program. Private directories, such as `var`, get the user's group for that, so
that they stay closed to everybody else.
"""

import logging
import os
import pwd
import stat
import subprocess
from pathlib import Path

from runner.embedded.paths import POSTGRES_USER, EmbeddedError

NAME = POSTGRES_USER
log = logging.getLogger(__name__)


def ensure() -> pwd.struct_passwd:
    """Return the system user. Creates it if it is missing, which only root can do."""
    if not _exists():
        command = ["useradd", "--system", "--user-group", "--no-create-home"]
        command += ["--shell", "/usr/sbin/nologin", NAME]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            if not _exists():  # another process may have been faster
                raise EmbeddedError(
                    f"PostgreSQL does not run as root, and the user {NAME} could not be created. "
                    "Create that user, or start this as an ordinary user."
                ) from error
    return pwd.getpwnam(NAME)


def group() -> int | None:
    """The group id of the system user if this process is root, otherwise None."""
    return ensure().pw_gid if os.geteuid() == 0 else None


def give(account: pwd.struct_passwd, folder: Path) -> None:
    """Make the account the owner of `folder` and everything in it, and let it reach `folder`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != account.pw_uid:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    _let_pass(account, folder)


def let_run(account: pwd.struct_passwd, program: Path) -> None:
    """Let the account run a program of an installed package, with its shared libraries.

    Raises EmbeddedError if it still cannot.
    """
    if _runs(account, program):
        return
    package = program.parents[2]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        for path in [folder, *folder.rglob("*")]:
            _give_others_the_owners_permissions(path)
        _let_pass(account, folder)
    if not _runs(account, program):
        raise EmbeddedError(f"PostgreSQL runs as the user {NAME}, which cannot run {program}.")


def _exists() -> bool:
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
        if not folder.stat().st_mode & _bit(account, folder.stat()):
            log.warning("%s may now pass through %s.", account.pw_name, folder)
            _open(account, folder)


def _bit(account: pwd.struct_passwd, info: os.stat_result) -> int:
    """The permission that decides whether the account may pass through a directory."""
    if info.st_uid == account.pw_uid:
        return stat.S_IXUSR
    return stat.S_IXGRP if info.st_gid == account.pw_gid else stat.S_IXOTH


def _open(account: pwd.struct_passwd, folder: Path) -> None:
    # A group that may do nothing with the directory loses nothing when another one takes its place.
    if not folder.stat().st_mode & (stat.S_IRWXG | stat.S_IXOTH):
        os.chown(folder, -1, account.pw_gid)
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) | _bit(account, folder.stat()))


def _give_others_the_owners_permissions(path: Path) -> None:
    if path.is_symlink() or not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 6)
