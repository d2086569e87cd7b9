"""Logs: a new pair for each start, and not for ever."""

import subprocess
import sys
from pathlib import Path

from herd import logs
from herd.settings import CHECKOUT

BEGIN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from twisted.logger import Logger
from herd import logs

logs.begin(Path(sys.argv[1]), started=datetime(2026, 11, 24, 18, 49, 48, 155903, tzinfo=UTC))
log = Logger()
log.debug("nobody cares")
log.info("good to know")
log.error("very bad")
"""


def test_errors_are_in_both_and_on_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "herd" / "Hill"
    result = subprocess.run(
        [sys.executable, "-c", BEGIN, str(folder)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    started = "2026-11-24T18-49-48.155903Z"
    log = (folder / f"{started}.log").read_text()
    error_log = (folder / f"{started}.error.log").read_text()
    assert "good to know" in log
    assert "nobody cares" not in log
    for text in (log, error_log, result.stderr):
        assert "very bad" in text
    for text in (error_log, result.stderr):
        assert "good to know" not in text
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_last_starts_are_kept(tmp_path: Path) -> None:
    for second in range(15):
        for end in (".log", ".error.log", ".log.1"):
            (tmp_path / f"2026-11-24T18-49-{second:02}.000000Z{end}").touch()
    (tmp_path / "notes.txt").touch()
    logs._forget(tmp_path)
    kept = {path.name.partition("Z")[0][-9:-7] for path in tmp_path.glob("*Z.*")}
    assert kept == {f"{second:02}" for second in range(6, 15)}  # and the one that begins now
    assert len(list(tmp_path.iterdir())) == 3 * (logs.KEPT - 1) + 1
