"""`script/dev`: processes that start again when the code changes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner import options, programs, reload

PATIENCE = 30.0  # seconds, enough for a busy machine
PROGRAM = """
import sys
from pathlib import Path
from runner import reload
reload.CHECKOUT = Path(sys.argv[1])
reload.INTERVAL = reload.LATER = 0.05
sys.exit(reload.main([*sys.argv[2:], sys.executable, sys.argv[1] + "/program.py"]))
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """The directory of a program that records its start and runs until it is ended."""
    write(tmp_path, "one")
    return tmp_path


def write(folder: Path, word: str, then: str = "import time; time.sleep(600)") -> None:
    """Write the program again. It records `word` when it starts."""
    note = f"open({str(folder / 'started')!r}, 'a').write('{word} ')"
    (folder / "program.py").write_text(f"{note}\n{then}\n")


@pytest.fixture(params=["", "--later"])
def running(code: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """The program, run by the reloader."""
    command = [sys.executable, "-c", PROGRAM, str(code), *request.param.split()]
    process = subprocess.Popen(command, cwd=options.CHECKOUT)
    wait_for(code, "one")
    yield process
    process.kill()
    process.wait()


def wait_for(code: Path, words: str) -> None:
    """Wait until the program has recorded exactly these words."""
    deadline = time.monotonic() + PATIENCE
    started = code / "started"
    while not started.exists() or started.read_text().strip() != words:
        assert time.monotonic() < deadline, started.read_text() if started.exists() else "nothing"
        time.sleep(0.02)


def test_a_change_restarts_the_command(code: Path, running: subprocess.Popen[bytes]) -> None:
    write(code, "two")
    wait_for(code, "one two")


def test_a_command_that_fails_is_started_again_on_the_next_change(
    code: Path, running: subprocess.Popen[bytes]
) -> None:
    write(code, "broken", then="a mistake")
    (code / "started").write_text("")
    write(code, "mended")
    wait_for(code, "mended")


def test_it_stops_its_command_on_sigterm(code: Path, running: subprocess.Popen[bytes]) -> None:
    write(code, "two", then="import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    wait_for(code, "one two")
    running.send_signal(signal.SIGTERM)
    assert running.wait(PATIENCE) == 0


def test_only_changes_of_code_count(code: Path) -> None:
    before = reload.state(code)
    for name in (".git/x.py", "var/x.py", "docs/x.py", "x.log"):
        (code / name).parent.mkdir(exist_ok=True)
        (code / name).touch()
    assert reload.state(code) == before
    (code / "web").mkdir()
    (code / "web" / "page.html").touch()
    assert {name for name, _ in reload.state(code) - before} == {os.path.join("web", "page.html")}


@pytest.mark.usefixtures("plain_environment")
def test_all_processes_but_the_servers_are_reloaded() -> None:
    chosen = options.parse(["--reload"])
    commands = {program.name: program.command for program in programs.programs(chosen)}
    again = {name for name, command in commands.items() if "runner.reload" in command}
    assert again == {"worker-fanout", "worker-background", "relay", "stream", "web"}
    plain = {program.name: program.command for program in programs.programs(options.parse([]))}
    reloaded = [sys.executable, "-m", "runner.reload"]
    assert commands["web"] == [*reloaded, *plain["web"]]
    assert commands["relay"] == [*reloaded, "--later", *plain["relay"]]
