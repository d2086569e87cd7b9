"""Programs that begin as copies of the manager, which has loaded Chirp before.

A program that Python starts anew reads a thousand modules for a second, and keeps some 70 MB of its
own for them. A copy starts at once, and shares this memory with the manager as long as it does not
change (copy on write).
"""

import atexit
import importlib
import io
import os
import runpy
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

AVAILABLE = sys.platform == "linux"  # elsewhere the system's libraries do not outlive a fork

# What the programs are made of. Not chirp.wsgi: it looks for static files, which the first start
# has not collected yet.
MODULES = (
    "celery.apps.worker",
    "chirp.urls",
    "gunicorn.app.wsgiapp",
    "outbox.scheduling",
    "outbox.worker",
    "streaming.server",
    "uvicorn",
)


def load() -> frozenset[int]:
    """Load Chirp and check it. Returns the files that it opened, which copies have to keep.

    Connects to nothing and starts no thread. Raises what a wrong setting raises.
    """
    before = _open_files()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    import django
    from django.core.management import call_command

    django.setup()
    unread = io.StringIO()
    call_command("check", stdout=unread, stderr=unread)
    return frozenset(_open_files() - before)


def preload() -> frozenset[int]:
    """Load what programs need when they begin. Returns the files that it opened, as `load` does."""
    before = _open_files()
    from django.conf import settings
    from django.utils.module_loading import import_string

    for name in MODULES:
        importlib.import_module(name)
    from chirp import gc_tuning
    from chirp.celery import app

    app.loader.import_default_modules()
    for middleware in settings.MIDDLEWARE:
        import_string(middleware)
    import_string("web.preloading.preload")()
    gc_tuning.settle()
    return frozenset(_open_files() - before)


def become(command: Sequence[str], environment: dict[str, str]) -> NoReturn:
    """Run a command of Python, such as `python -m celery ...`, in this process, and end with it.

    Call it after a fork. Nothing of the manager runs any more.
    """
    _forget_signals()
    # It is no mistake that modules which are run have been imported.
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="runpy")
    os.environ.clear()
    os.environ.update(environment)
    from chirp.frames import in_one_piece

    status = in_one_piece(lambda: _status_of(command[1:]))
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as at every end
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(status)


def _status_of(arguments: Sequence[str]) -> int:
    try:
        if arguments[0] == "-m":
            sys.argv = list(arguments[1:])
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = list(arguments)
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _forget_signals() -> None:
    """Give signals their usual meaning again, as a new program has them."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)):
            usual = number == signal.SIGINT
            signal.signal(number, signal.default_int_handler if usual else signal.SIG_DFL)


def _open_files() -> set[int]:
    listed = os.listdir("/proc/self/fd") if AVAILABLE else []
    return {int(name) for name in listed if os.path.exists(f"/proc/self/fd/{name}")}
