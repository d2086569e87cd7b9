"""The parts of script/run, one by one. test_run_whole.py runs all of it."""

import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from supervisor.options import ServerOptions

from runner import embedded, manager, options, orphans, programs, ready
from runner.alive import alive
from runner.output import LONGEST_LINE, Output
from runner.programs import Program

pytestmark = pytest.mark.usefixtures("plain_environment")


# --- Programs -----------------------------------------------------------------------------------


def names(chosen: options.Options) -> list[str]:
    return [program.name for program in programs.programs(chosen)]


def test_servers_in_the_settings_replace_the_embedded_ones(monkeypatch: pytest.MonkeyPatch) -> None:
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


def herd_of(*arguments: str) -> dict[str, list[str]]:
    found = programs.programs(options.parse(arguments))
    return {program.name: program.command for program in found if program.stage == "herd"}


def test_the_herd_runs_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    assert herd_of() == {}
    herd = herd_of("--herd", "--port", "9000")
    assert list(herd) == [f"herd-{name}" for name in ("hill", "gasol", "young", "meeks", "farmer")]
    command = ["-m", "herd", "Hill", "--chirp", "http://127.0.0.1:9000"]
    assert herd["herd-hill"] == [sys.executable, *command]
    monkeypatch.setenv("HERD", "1")
    assert len(herd_of()) == 5


@pytest.mark.parametrize(
    ("allowed", "host", "expected"),
    [
        ("127.0.0.1,chirp.example", "127.0.0.1", []),
        ("*", "127.0.0.1", []),
        ("localhost", "0.0.0.0", []),
        ("[::1]", "::1", []),
        ("chirp.example", "127.0.0.1", ["--chirp-host", "chirp.example"]),
        (".chirp.example, x", "0.0.0.0", ["--chirp-host", "chirp.example"]),
    ],
)
def test_the_herd_sends_a_host_name_that_the_site_accepts(
    allowed: str, host: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)
    assert herd_of("--herd", "--host", host)["herd-hill"][6:] == expected


def test_the_herd_uses_its_own_settings_to_reach_a_site_with_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS", "1")
    assert herd_of("--herd")["herd-hill"] == [sys.executable, "-m", "herd", "Hill"]


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
def test_the_manager_runs_exactly_the_given_command(word: str, tmp_path: Path) -> None:
    command = ["/bin/echo", word, f"/srv/{word}/x", f"--name={word} ;#"]
    config = tmp_path / "supervisor.conf"
    manager._write_config([Program("echo", command, "web")], config)
    read = ServerOptions()
    read.realize(["--configuration", str(config)])
    (group,) = read.process_group_configs
    (process,) = group.process_configs
    assert process.make_process(None).get_execv_args() == ("/bin/echo", command)


def test_no_other_user_can_read_the_managers_password(tmp_path: Path) -> None:
    config = tmp_path / "supervisor.conf"
    manager._write_config([Program("echo", ["echo"], "web")], config)
    assert config.stat().st_mode & 0o777 == 0o600


# --- Output -------------------------------------------------------------------------------------


def test_every_line_has_the_name_of_its_process() -> None:
    stream = io.BytesIO()
    output = Output(stream, width=5)
    output.add("web", b"one\ntwo")
    output.add("relay", b"three\n")
    output.add("web", b" and a half\n")
    assert stream.getvalue() == b"web   | one\nrelay | three\nweb   | two and a half\n"


def test_the_unfinished_line_of_an_ended_process_is_written() -> None:
    stream = io.BytesIO()
    output = Output(stream, width=3)
    output.add("web", b"killed by")
    assert stream.getvalue() == b""
    output.end("web")
    assert stream.getvalue() == b"web | killed by\n"


def test_an_endless_line_does_not_fill_the_memory() -> None:
    stream = io.BytesIO()
    output = Output(stream, width=3)
    for _ in range(3):
        output.add("web", b"x" * LONGEST_LINE)
    assert stream.getvalue().count(b"x") >= 2 * LONGEST_LINE


def test_a_closed_terminal_raises_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as stream:
        output = Output(stream, width=3)
        output.add("web", b"this is lost\n")
        output.add("web", b"and this too\n")


# --- Readiness ----------------------------------------------------------------------------------


def test_a_server_that_does_not_answer_is_not_alive() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert not alive(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.1)
    assert not alive("http://127.0.0.1:9", timeout=0.1)


def test_the_banner_shows_how_to_sign_in(tmp_path: Path) -> None:
    assert "register at http://x/register" in ready.banner("http://x", tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / ready.DEMO_PASSWORDS).write_text("alice s3cret\nbob other\n")
    banner = ready.banner("http://x", tmp_path)
    assert "alice with the password s3cret\n" in banner
    assert "bob with the password other\n" in banner


# --- Orphans ------------------------------------------------------------------------------------


def sleeper(var: Path, code: str = "") -> psutil.Process:
    """Start a process with the mark of a manager for `var`. Returns it once it sleeps."""
    child = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nprint('up', flush=True)\nimport time; time.sleep(600)"],
        env=os.environ | {orphans.MARK: str(var)},
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"
    return psutil.Process(child.pid)


def test_a_process_of_a_killed_manager_is_ended(tmp_path: Path) -> None:
    orphan = sleeper(tmp_path)
    assert orphans.end(tmp_path) == 1
    assert embedded.wait_gone([orphan], 0) == []


def test_an_orphan_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "PATIENCE", 0.2)
    orphan = sleeper(tmp_path, "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    orphans.end(tmp_path)
    assert embedded.wait_gone([orphan], 0) == []


def test_processes_of_another_directory_keep_running(tmp_path: Path) -> None:
    neighbour = sleeper(tmp_path / "other")
    try:
        assert orphans.end(tmp_path) == 0
        assert neighbour.is_running()
    finally:
        neighbour.kill()
        neighbour.wait()


def test_the_own_process_and_its_parents_are_not_ended(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from runner import orphans; " \
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
