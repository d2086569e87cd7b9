"""script/run as a whole, in a fresh checkout whose path has a space, seen from outside."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from herd.settings import ADDRESSES, load
from runner import embedded, orphans
from runner.options import CHECKOUT
from tests.helpers.herd.processes import Client
from tests.helpers.ports import free_port
from tests.plugin import VAR

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PATIENCE = 120.0  # seconds, enough for a busy machine
CHILDREN = (
    "web",
    "stream",
    "herd-hill",
    "relay",
    "worker-fanout",
    "worker-background",
    "valkey",
    "postgres",
)
STOP_SIGNALS = {"postgres": signal.SIGINT}
NOT_INHERITED = ("VAR_DIR", "DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "ALLOWED_HOSTS")


class Run:
    """One `script/run`, with its output."""

    def __init__(self, checkout: Path, *arguments: str, **variables: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.var = Path(variables.get("VAR_DIR", checkout / "var"))
        # Kept until the end of all tests, which search the logs for secrets.
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - while we run
            "r", suffix=".log", dir=VAR, delete=False
        )
        kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.process = subprocess.Popen(
            [checkout / "script" / "run", "--port", str(self.port), "--no-demo", *arguments],
            env=kept | {"CHIRP_VENV": sys.prefix} | variables,
            stdout=open(self._file.name, "wb"),  # noqa: SIM115 - the child's
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def output(self) -> str:
        return Path(self._file.name).read_text(errors="replace")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the output matches `pattern`, and return the match."""
        found = eventually(
            lambda: re.search(pattern, self.output) or self.process.poll() is not None, self
        )
        assert isinstance(found, re.Match), f"ended without {pattern!r}:\n{self.output}"
        return found

    def wait(self) -> int:
        """Wait for the end of the run, and return its exit status."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pytest.fail(f"does not end:\n{self.output}")

    def pid(self, name: str) -> int:
        """The id of the last started process of this name."""
        return int(re.findall(rf"spawned: '{name}' with pid (\d+)", self.output)[-1])

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.wait()
        self._file.close()


def eventually(check: Callable[[], object], run: Run) -> object:
    """Wait until `check()` returns a true value, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := check()):
        assert time.monotonic() < deadline, run.output
        time.sleep(0.05)
    return found


def can_be_stopped(run: Run, name: str) -> bool:
    """Whether a process has installed its handler for the signal that stops it."""
    number = STOP_SIGNALS.get(name, signal.SIGTERM)
    status = Path(f"/proc/{run.pid(name)}/status").read_text()
    caught = int(re.findall(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)[0], 16)
    return bool(caught >> (number - 1) & 1)


def left_behind(var: Path) -> list[psutil.Process]:
    return [*orphans._marked(var), *orphans._valkeys(var), *embedded.postgres_processes(var)]


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A copy of the files in the repository, without any generated ones."""
    with tempfile.TemporaryDirectory(prefix="chirp-") as folder:
        copy = Path(folder) / "a checkout"
        generated = (".venv", "var", ".*_cache", "__pycache__", "node_modules")
        ignored = shutil.ignore_patterns(".git", *generated)
        shutil.copytree(CHECKOUT, copy, ignore=ignored)
        yield copy


@pytest.fixture(scope="module")
def herd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of a herd of one server, on free ports."""
    file = tmp_path_factory.mktemp("herd") / "herd.toml"
    rows = [f'{key} = "127.0.0.1:{free_port()}"' for key in ADDRESSES]
    file.write_text("\n".join(['chirp = "http://x"', "links = []", "[servers.Hill]", *rows]))
    return file


@pytest.fixture(scope="module")
def run(checkout: Path, herd: Path) -> Iterator[Run]:
    run = Run(checkout, "--herd", HERD_SETTINGS=str(herd))
    try:
        run.wait_for("Chirp is ready: ")
        run.wait_for("success: worker-background entered RUNNING")  # the last to start
        yield run
    finally:
        run.end()


def test_it_prints_the_urls_of_the_site(run: Run) -> None:
    assert f"ready             |   Chirp is ready:  {run.url}/\n" in run.output
    assert f"register at {run.url}/register" in run.output
    assert f"{run.url}/api/docs" in run.output


def test_every_line_has_the_name_of_its_process(run: Run) -> None:
    start = run.output.index("manager  ")
    for line in run.output[start:].splitlines():
        assert re.match(r"[a-z-]+ +\| ", line), line


def test_the_web_and_its_servers_are_up(run: Run) -> None:
    assert run.get("/healthz") == (200, b'{"status": "alive"}')
    status, parts = run.get("/readyz")
    assert status == 200
    assert set(json.loads(parts).values()) == {"up"}


def test_the_herd_is_up_and_gets_tweets_from_the_web(run: Run, herd: Path) -> None:
    settings = load(herd)
    with Client(settings.servers["Hill"].clients.port) as phone:
        assert phone.report("kiwi").startswith(b"AT Hill ")
        report, tweets = phone.ask("kiwi")
    assert report.startswith(b"AT Hill ")
    assert tweets == {"results": [], "next": None, "previous": None}


def test_the_status_page_reports_all_parts(run: Run) -> None:
    def well() -> dict[str, Any] | None:
        """The status, if it is "well". Each web process caches its own for a second."""
        answered, body = run.get("/api/status")
        assert answered == 200
        found: dict[str, Any] = json.loads(body)
        return found if found["status"] == "well" else None

    found = eventually(well, run)
    assert isinstance(found, dict)
    assert found["herd"] == [{"name": "Hill", "state": "up"}]
    assert {part["state"] for part in found["parts"]} == {"up"}


def test_only_their_owner_can_read_the_secrets(run: Run) -> None:
    secrets = list((run.var / "secrets").iterdir())
    assert len(secrets) >= 2
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_a_second_run_in_the_same_directory_is_an_error(run: Run, checkout: Path) -> None:
    second = Run(checkout)
    assert second.wait() == 1
    assert f"already runs in {run.var}, as process {run.process.pid}." in second.output
    second.end()


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_is_started_again(run: Run, name: str) -> None:
    killed = run.pid(name)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: run.pid(name) != killed, run)
    eventually(lambda: run.get("/readyz")[0] == 200 and b"down" not in run.get("/readyz")[1], run)


def test_it_stops_in_order_on_sigterm(run: Run) -> None:
    # A process that was just started again has no handler yet: the signal itself would end it.
    for name in CHILDREN:
        eventually(partial(can_be_stopped, run, name), run)
    run.process.terminate()
    assert run.wait() == 0, run.output
    stopped = re.findall(r"stopped: (\S+) \(exit status 0\)", run.output)
    assert sorted(stopped) == sorted(CHILDREN), run.output
    assert set(stopped[:2]) == {"web", "stream"}
    assert stopped[-2:] == ["valkey", "postgres"]
    assert run.output.count("database system is shut down") >= 1
    assert left_behind(run.var) == []


def test_after_a_killed_manager_the_next_run_starts(checkout: Path) -> None:
    first = Run(checkout)
    try:
        first.wait_for("Chirp is ready: ")
        with psycopg.connect(embedded.database_url(first.var), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        first.process.kill()
        first.wait()
        second = Run(checkout)
        try:
            second.wait_for("Chirp is ready: ")
            with psycopg.connect(embedded.database_url(first.var)) as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            # Ctrl-C twice, as an impatient operator would.
            os.killpg(second.process.pid, signal.SIGINT)
            second.wait_for("stopped: web")
            os.killpg(second.process.pid, signal.SIGINT)
            assert second.wait() == 0, second.output
            assert "stopped: postgres (exit status 0)" in second.output
        finally:
            second.end()
    finally:
        first.end()
    assert left_behind(first.var) == []


def test_a_database_that_does_not_answer_is_an_error(checkout: Path, tmp_path: Path) -> None:
    url = f"postgresql://chirp:hunter2@127.0.0.1:{free_port()}/chirp"
    run = Run(checkout, DATABASE_URL=url, VAR_DIR=str(tmp_path))
    assert run.wait() == 1, run.output
    assert "The database in DATABASE_URL does not answer." in run.output
    assert "Connection refused" in run.output
    assert "Traceback" not in run.output
    assert "hunter2" not in run.output
    assert left_behind(tmp_path) == []
    run.end()
