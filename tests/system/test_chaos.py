"""The short form of `script/chaos`: every fault that heals within seconds, one after another."""

import subprocess
import sys

import pytest

from tools.chaos.house import CHECKOUT

SECONDS_AT_MOST = 300  # it takes one minute, on a machine that has time


@pytest.mark.slow
@pytest.mark.timeout(SECONDS_AT_MOST)
def test_no_fault_loses_a_post_or_leaves_a_timeline_wrong() -> None:
    command = [sys.executable, "-m", "tools.chaos", "--short"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as started:
        try:
            said, _ = started.communicate()
        finally:
            started.terminate()  # so that it stops its servers, also when our time is over
    assert started.returncode == 0, said
