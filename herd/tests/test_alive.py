"""`python -m herd.alive`: what a container's health check is told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from herd.settings import CHECKOUT
from tests.helpers.herd.processes import Herd


def status(herd: Herd, name: str, file: Path | None = None) -> int:
    """The exit status of the check of one server."""
    return subprocess.run(
        [sys.executable, "-m", "herd.alive", name],
        cwd=CHECKOUT,
        env=os.environ | {"HERD_SETTINGS": str(file or herd._file("Hill"))},
        check=False,
    ).returncode


def test_a_server_is_alive_until_it_is_dead(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        assert status(herd, "Hill") == 0
        herd.kill("Hill")
        assert status(herd, "Hill") == 1


def test_one_that_hangs_is_not_alive(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        herd.processes["Hill"].send_signal(signal.SIGSTOP)
        try:
            assert status(herd, "Hill") == 1
        finally:
            herd.processes["Hill"].send_signal(signal.SIGCONT)


def test_another_server_in_its_place_is_not_it(tmp_path: Path) -> None:
    with Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1") as herd:
        file = tmp_path / "other.toml"
        file.write_text(herd._file("Hill").read_text().replace("servers.Hill", "servers.Young"))
        assert status(herd, "Young", file) == 1


def test_without_settings_or_without_such_a_server_nothing_is_alive(tmp_path: Path) -> None:
    herd = Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1")
    assert status(herd, "Bryant") == 1
    assert status(herd, "Hill", tmp_path / "none.toml") == 1
