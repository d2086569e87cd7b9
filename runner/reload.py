"""`python -m runner.reload [--later] COMMAND ...`: run a command, and restart it on code changes.

For development. A command that ends by itself, as after a mistake in the code, is started again on
the next change. With `--later` it is restarted a little later than commands without: the developer
waits for the web, and all processes at once would share the processors.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from runner.embedded import die_with_parent
from runner.options import CHECKOUT

INTERVAL = 1.0  # seconds between two checks of the files
LATER = 3.0  # seconds
PATIENCE = 10.0  # seconds that the command may take to end, before it is killed
SUFFIXES = frozenset({".py", ".html", ".jinja", ".lua", ".sql", ".toml"})
NOT_CODE = frozenset({"bench", "docs", "node_modules", "tests", "tools", "var", "__pycache__"})


def main(arguments: Sequence[str]) -> int:
    """Run the command until SIGTERM."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    delay = LATER if arguments[0] == "--later" else 0.0
    command = arguments[1:] if delay else arguments
    before = state(CHECKOUT)
    child = _start(command)
    while not stopped.wait(INTERVAL):
        if state(CHECKOUT) == before or stopped.wait(delay):
            continue
        now = state(CHECKOUT)
        names = ", ".join(sorted({name for name, _ in now ^ before}))
        print(f"Restarting: {names} changed.", flush=True)
        _stop(child)
        before, child = now, _start(command)
    _stop(child)
    return 0


def state(folder: Path) -> frozenset[tuple[str, int]]:
    """The code files below a folder, as relative paths with their modification times (in ns)."""
    return frozenset(_files(folder))


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name[0] != "." and name not in NOT_CODE]
        for file in files:
            if os.path.splitext(file)[1] in SUFFIXES:
                with suppress(FileNotFoundError):  # removed since it was listed
                    full = os.path.join(path, file)
                    yield os.path.relpath(full, folder), os.stat(full).st_mtime_ns


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    own = os.getpid()
    return subprocess.Popen(command, preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent=own))


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
