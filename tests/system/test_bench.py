"""The benchmark runs and prints each figure. The values are not judged: see `script/bench`."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import FIGURES
from runner.options import CHECKOUT

ROWS = (
    "Fan-out of one post",
    "Redis p99 of a reader",
    "Stream-Framework",
    "posts at once",
    "Valkey's own time",
    "A backlog",
    "only their fan-out",
    "GET home?limit=20",
    "Home, cold",
    "Home, below the floor",
    "Home, with Redis away",
    "Home, followees",
    "Home, followed celebrities",
    "Home, the reader's own tweets",
    "Home as a page",
    "Home, ranked: first page",
    "Home, ranked: a further page",
    "Tweets that trend",
    "in the home of 100 followers",
    "POST a tweet, p99, 10 followers",
    "(pulled)",
    "(pushed, threshold off)",
    "Bytes of an entry",
    "people who do not read",
    "Follow an author",
    "Unfollow an author",
    "Populate a timeline",
    "Mix 60/30/10",
    "GET home, the page",
    "The mix, held",
    "One post pushed to",
)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_small_run_prints_each_figure(tmp_path: Path) -> None:
    out = tmp_path / "results.md"
    command = [sys.executable, "-m", "bench", "--smoke", "--out", str(out)]
    command += ["--against", str(CHECKOUT)]

    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)

    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]
    written = out.read_text()
    lines = [line for line in written.splitlines() if line.startswith("| ")]
    for row in ROWS:
        assert any(row in line for line in lines), f"no row {row!r} in:\n{written}"
    assert written.count("\n## ") == len(FIGURES) + 1  # and this version beside itself
    assert "Rossi" in written
    assert "cannot be made to run" not in written
