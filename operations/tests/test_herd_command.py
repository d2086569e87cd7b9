"""`manage.py herd`, run from any working directory."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.helpers.herd.processes import Herd, eventually


def command(name: str, herd: Herd) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "herd", name],
        cwd=herd.folder,
        env=os.environ | {"HERD_SETTINGS": str(herd._file("Hill")), "VAR_DIR": str(herd.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_it_runs_a_server(tmp_path: Path) -> None:
    herd = Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1")
    started = command("Hill", herd)
    assert started.stdout is not None
    try:
        assert started.stdout.readline().startswith("Hill listens on 127.0.0.1:")
        assert herd.report("Hill", "kiwi")
        eventually(lambda: (tmp_path / "herd" / "Hill").exists())
    finally:
        started.send_signal(signal.SIGTERM)
    assert started.wait() == 0


def test_an_unknown_server_is_an_error(tmp_path: Path) -> None:
    herd = Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1")
    started = command("Bryant", herd)
    output, _ = started.communicate()
    assert started.returncode == 1
    assert output == "herd: there is no server 'Bryant': Hill.\n"
