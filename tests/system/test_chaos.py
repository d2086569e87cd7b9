"""The short run of `script/chaos`: each fault that heals within seconds, one after another."""

import subprocess
import sys

import pytest

from tools.chaos.deployment import CHECKOUT

MAX_SECONDS = 300  # it takes a minute on an idle machine


@pytest.mark.slow
@pytest.mark.timeout(MAX_SECONDS)
def test_no_fault_loses_a_post_or_leaves_a_timeline_wrong() -> None:
    command = [sys.executable, "-m", "tools.chaos", "--short"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as started:
        try:
            output, _ = started.communicate()
        finally:
            started.terminate()  # so that it stops its servers, even after a timeout
    assert started.returncode == 0, output
