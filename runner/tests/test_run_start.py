"""The options of script/run, and its errors: messages without tracebacks."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chirp.embedded_programs import POSTGRES_WHEELS
from chirp.env import BadSetting
from herd.settings import ADDRESSES
from runner import options
from runner.__main__ import main
from tests.helpers.ports import free_ports

pytestmark = pytest.mark.usefixtures("plain_environment")


# --- Options ------------------------------------------------------------------------------------


def test_by_default_it_listens_only_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAR_DIR")
    chosen = options.parse([])
    assert (chosen.address, chosen.demo) == ("127.0.0.1:8000", True)
    assert chosen.var == options.CHECKOUT / "var"
    assert chosen.workers >= 2


def test_options_override_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
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
    ("name", "value"),
    [("PORT", "99999"), ("WORKERS", "many"), ("DEMO", "maybe"), ("HERD", "maybe")],
)
def test_a_bad_variable_is_explained(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"{name}='{value}': expected"):
        options.parse([])


# --- Errors -------------------------------------------------------------------------------------


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def error_of(
    arguments: list[str], var: Path, monkeypatch: pytest.MonkeyPatch, capsys: object
) -> str:
    monkeypatch.setenv("VAR_DIR", str(var))
    assert isinstance(capsys, pytest.CaptureFixture)
    assert main(arguments) == 1
    message: str = capsys.readouterr().err
    assert "Traceback" not in message
    return message


def test_a_used_port_is_an_error(
    used_port: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = error_of(["--port", str(used_port)], tmp_path, monkeypatch, capsys)
    assert f"Port {used_port} is taken" in message
    assert "--port" in message


@pytest.fixture
def herd_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of a herd of one server, on free ports."""
    file = tmp_path / "herd.toml"
    ports = free_ports(3)
    rows = [f'{key} = "127.0.0.1:{port}"' for key, port in zip(ADDRESSES, ports, strict=True)]
    file.write_text("\n".join(['chirp = "http://x"', "links = []", "[servers.Hill]", *rows]))
    monkeypatch.setenv("HERD_SETTINGS", str(file))
    return file


def test_a_used_port_of_the_herd_is_an_error(
    herd_settings: Path,
    used_port: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = herd_settings.read_text()
    herd_settings.write_text(re.sub(r'(status = "127.0.0.1:)\d+', rf"\g<1>{used_port}", text))
    arguments = ["--herd", "--port", str(free_ports(1)[0])]
    message = error_of(arguments, tmp_path, monkeypatch, capsys)
    assert f"Port {used_port} is taken by another program" in message
    assert f"Choose another with {herd_settings}." in message


def test_bad_settings_of_the_herd_are_an_error(
    herd_settings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    herd_settings.write_text("servers = 5")
    arguments = ["--herd", "--port", str(free_ports(1)[0])]
    message = error_of(arguments, tmp_path, monkeypatch, capsys)
    assert message == f"script/run: {herd_settings}: servers has to be a table.\n"


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "-", "\udcff", "a" * 300])
def test_an_address_of_another_machine_is_an_error(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--host" in error_of(["--host", host], tmp_path, monkeypatch, capsys)


def test_a_directory_that_cannot_be_created_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    message = error_of([], tmp_path / "file" / "var", monkeypatch, capsys)
    assert "cannot be created" in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o500)
    message = error_of([], tmp_path, monkeypatch, capsys)
    assert "is not writable" in message
    assert "VAR_DIR" in message


def test_a_platform_without_embedded_servers_is_an_error_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in POSTGRES_WHEELS:
        monkeypatch.setitem(sys.modules, package, None)
    message = error_of(["--port", str(free_ports(1)[0])], tmp_path, monkeypatch, capsys)
    assert "Install PostgreSQL 18 yourself and set its URL in DATABASE_URL" in message


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
def test_a_bad_setting_is_an_error_before_anything_starts(
    name: str, value: str, expected: str, tmp_path: Path
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "runner", "--port", str(free_ports(1)[0])],
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


def test_a_machine_without_python_is_an_error_with_advice(tmp_path: Path) -> None:
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
