"""Programs that begin as copies of a process that has loaded their code."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runner.options import CHECKOUT

pytestmark = pytest.mark.slow
# It has handlers and an environment, as the manager has, and becomes what its arguments say.
MANAGER = """
import atexit, os, signal, sys
from runner import forked
signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"manager"))
signal.signal(signal.SIGCHLD, lambda *_: None)
forked.become([sys.executable, *sys.argv[1:]], {"PATH": os.environ["PATH"], "ONLY": "this"})
"""
# A program that opens a file before it counts for the first time.
COUNTS = """
import os, sys
from runner import forked
kept = forked.load() | forked.preload()
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
for number in range(3, 100):
    if number not in kept:
        try:
            os.close(number)
        except OSError:
            pass
from chirp.observability import metrics
read, write = os.pipe()
metrics.saw_request(method="GET", route="/", status=200, seconds=0.1, queries=0)
os.write(write, b"whole")
assert os.read(read, 10) == b"whole"
"""


def become(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MANAGER, *arguments]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=-1, stderr=-1, text=True)


@pytest.mark.parametrize(
    ("code", "status", "output", "error"),
    [
        ("print(*sys.argv[1:])", 0, "one two\n", ""),
        ("atexit.register(print, 'at the end'); sys.exit(3)", 3, "at the end\n", ""),
        ("sys.exit('No.')", 1, "", "No.\n"),
        ("print(sorted(set(os.environ) - {'PATH', 'LC_CTYPE'}))", 0, "['ONLY']\n", ""),
        ("print(signal.getsignal(signal.SIGTERM))", 0, "0\n", ""),
        ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, "", ""),
        ("threading.Timer(0.1, print, ['later']).start()", 0, "later\n", ""),
    ],
)
def test_it_runs_and_ends_like_a_program_of_its_own(
    tmp_path: Path, code: str, status: int, output: str, error: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"import atexit, os, signal, sys, threading\n{code}\n")
    with become(str(program), "one", "two") as process:
        assert process.communicate() == (output, error)
    assert process.returncode == status


def test_an_error_is_shown(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("1 / 0")
    with become(str(program)) as process:
        _, error = process.communicate()
    assert (process.returncode, "ZeroDivisionError" in error) == (1, True)


def test_a_module_is_run_by_its_name() -> None:
    with become("-m", "runner", "--nonsense") as process:
        _, error = process.communicate()
    assert (process.returncode, "--nonsense" in error) == (2, True)


def test_it_counts_without_closing_files_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library for metrics closes those of the process that it was copied from."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", COUNTS], cwd=CHECKOUT, check=True)
    counted = list(tmp_path.glob("metrics/*.db"))
    assert counted
