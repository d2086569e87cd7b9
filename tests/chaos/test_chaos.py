"""The short form of `script/chaos`: every fault that heals within seconds, one after another."""

import subprocess
import sys

import pytest

from tests.chaos.house import CHECKOUT

SECONDS_AT_MOST = 300  # it takes one minute, on a machine that has time


@pytest.mark.slow
@pytest.mark.timeout(SECONDS_AT_MOST)
def test_no_fault_loses_a_post_or_leaves_a_timeline_wrong() -> None:
    command = [sys.executable, "-m", "tests.chaos", "--short"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
