"""`python -m herd.alive`, the health check of containers."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from herd.settings import CHECKOUT
from tests.helpers.herd.processes import Herd


def status(herd: Herd, name: str, file: Path | None = None) -> int:
    """Run the health check of one server, and return its exit status."""
    return subprocess.run(
        [sys.executable, "-m", "herd.alive", name],
        cwd=CHECKOUT,
        env=os.environ | {"HERD_SETTINGS": str(file or herd._file("Hill"))},
        check=False,
    ).returncode


def test_a_running_server_is_healthy_and_a_killed_one_is_not(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        assert status(herd, "Hill") == 0
        herd.kill("Hill")
        assert status(herd, "Hill") == 1


def test_a_server_that_hangs_is_not_healthy(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        herd.processes["Hill"].send_signal(signal.SIGSTOP)
        try:
            assert status(herd, "Hill") == 1
        finally:
            herd.processes["Hill"].send_signal(signal.SIGCONT)


def test_another_server_on_the_same_port_is_not_healthy(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        file = tmp_path / "other.toml"
        file.write_text(herd._file("Hill").read_text().replace("servers.Hill", "servers.Young"))
        assert status(herd, "Young", file) == 1


def test_an_unknown_server_or_a_missing_file_is_not_healthy(tmp_path: Path) -> None:
    herd = Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1")
    assert status(herd, "Bryant") == 1
    assert status(herd, "Hill", tmp_path / "none.toml") == 1
