"""Logs: a new pair for each start, of which only the last ones are kept."""

import subprocess
import sys
from pathlib import Path

from herd import logs
from herd.settings import CHECKOUT

SCRIPT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from twisted.logger import Logger
from herd import logs

started = datetime(2026, 11, 24, 18, 49, 48, 155903, tzinfo=UTC)
logs.start_logging(Path(sys.argv[1]), started=started)
log = Logger()
log.debug("a debug message")
log.info("an info message")
log.error("an error message")
"""


def test_errors_are_in_both_logs_and_on_standard_error(tmp_path: Path) -> None:
    folder = tmp_path / "herd" / "Hill"
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    started = "2026-11-24T18-49-48.155903Z"
    log = (folder / f"{started}.log").read_text()
    error_log = (folder / f"{started}.error.log").read_text()
    assert "an info message" in log
    assert "a debug message" not in log
    for text in (log, error_log, result.stderr):
        assert "an error message" in text
    for text in (error_log, result.stderr):
        assert "an info message" not in text
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_logs_of_the_last_starts_are_kept(tmp_path: Path) -> None:
    for second in range(15):
        for end in (".log", ".error.log", ".log.1"):
            (tmp_path / f"2026-11-24T18-49-{second:02}.000000Z{end}").touch()
    (tmp_path / "notes.txt").touch()
    logs._remove_old_logs(tmp_path)
    kept = {path.name.partition("Z")[0][-9:-7] for path in tmp_path.glob("*Z.*")}
    assert kept == {f"{second:02}" for second in range(6, 15)}  # and the current one
    assert len(list(tmp_path.iterdir())) == 3 * (logs.KEPT_STARTS - 1) + 1
