"""The configuration of HAProxy. `script/tool balancer` tries it with real servers."""

import os
import shutil
import subprocess

import pytest

from tools.chaos.deployment import CHECKOUT

NAMES = ("BIND", "WEB_1", "WEB_2", "WEB_3", "STREAM_1", "STREAM_2")


def test_haproxy_accepts_its_configuration() -> None:
    if not shutil.which("haproxy"):
        pytest.skip("HAProxy is not installed, so its check of the configuration DID NOT RUN")
    addresses = {f"CHIRP_{name}": f"127.0.0.1:{9000 + n}" for n, name in enumerate(NAMES)}
    checked = subprocess.run(
        ["haproxy", "-c", "-f", str(CHECKOUT / "deploy" / "haproxy.cfg")],
        env=os.environ | addresses,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
