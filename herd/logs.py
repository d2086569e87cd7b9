"""A log and an error log for each start of a server, in a separate directory for each server."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)
from twisted.python.logfile import LogFile

KEPT_STARTS = 10  # the number of starts whose logs are kept
MAX_FILE_BYTES = 10_000_000  # a log is rotated at this size
MAX_ROTATED_FILES = 5  # for each log of a start


def start_logging(folder: Path, *, started: datetime) -> None:
    """Log to `folder` from now on, and errors also to standard error."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_old_logs(folder)
    name = started.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    everything, errors, terminal = (
        LogLevelFilterPredicate(defaultLogLevel=level)
        for level in (LogLevel.info, LogLevel.error, LogLevel.error)
    )
    log, error_log = (_file(folder, f"{name}{end}") for end in (".log", ".error.log"))
    everything.setLogLevelForNamespace("twisted.web.client", LogLevel.warn)  # one line per request
    globalLogBeginner.beginLoggingTo(
        [
            FilteringLogObserver(textFileLogObserver(log), [everything]),
            FilteringLogObserver(textFileLogObserver(error_log), [errors]),
            FilteringLogObserver(textFileLogObserver(sys.stderr), [terminal]),
        ],
        redirectStandardIO=False,
    )


def _file(folder: Path, name: str) -> IO[str]:
    file = LogFile(
        name, str(folder), MAX_FILE_BYTES, defaultMode=0o600, maxRotatedFiles=MAX_ROTATED_FILES
    )
    return cast(IO[str], file)  # it has all methods that an observer needs


def _remove_old_logs(folder: Path) -> None:
    """Remove the logs of old starts, so that KEPT_STARTS remain including the current one."""
    starts = sorted({path.name.partition("Z.")[0] for path in folder.glob("*Z.*log*")})
    for start in starts[: max(0, len(starts) - KEPT_STARTS + 1)]:
        for path in folder.glob(f"{start}Z.*"):
            path.unlink(missing_ok=True)
