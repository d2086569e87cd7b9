"""`python -m runner.prepare`: everything that must be done before the site serves requests.

Waits for the database, generates the secrets, migrates, collects static files, and builds the demo
on the very first start. Steps that were done before do nothing. Exit status 1 stops the run.
"""

import hashlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection

from chirp import secrets
from chirp.env import BadSetting
from runner import embedded
from runner.programs import uses_embedded_postgres
from runner.ready import DEMO_PASSWORDS

PATIENCE = 10.0  # seconds that a database in DATABASE_URL may take to answer


def main(arguments: Sequence[str]) -> int:
    """Prepare everything, and return the exit status."""
    try:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
        django.setup()
        prepare(demo="--no-demo" not in arguments)
    except (
        BadSetting,
        CommandError,
        DatabaseError,
        ImproperlyConfigured,
        embedded.EmbeddedError,
    ) as problem:
        print(f"Chirp cannot start: {problem}", file=sys.stderr)
        return 1
    return 0


def prepare(*, demo: bool) -> None:
    """Run all steps. Raises the exceptions of the management commands."""
    _wait_for_database()
    secrets.ensure(settings.VAR_DIR)
    (settings.VAR_DIR / "media").mkdir(mode=0o700, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=1)
    _collect_static_files()
    if demo:
        _build_demo()
    call_command("timeline", "review")  # CELEBRITY_FOLLOWERS may have changed


def _build_demo() -> None:
    """Build the demo on the very first start, or continue one that was interrupted."""
    done = Path(settings.VAR_DIR) / "demo.done"
    begun = (Path(settings.VAR_DIR) / DEMO_PASSWORDS).exists()
    if done.exists() or (get_user_model().objects.exists() and not begun):
        return
    print("Building the demo, which takes a moment ...", flush=True)
    call_command("populate_demo")
    done.touch()


def _wait_for_database() -> None:
    if uses_embedded_postgres():
        embedded.ensure_database(settings.VAR_DIR)
        return
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.ensure_connection()
            return
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise CommandError(
                    f"The database in DATABASE_URL does not answer.\n{error}"
                ) from error
        time.sleep(0.5)


def _collect_static_files() -> None:
    """Collect, hash and compress static files, unless none has changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    state = _state_of_static_files()
    if stamp.exists() and stamp.read_text() == state:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state)


def _state_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            info = os.stat(storage.path(path))
            digest.update(f"{path} {info.st_size} {info.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
