"""A log and an error log for each server, in a directory of its own, named by when it started."""

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

KEPT = 10  # starts whose logs are kept
LARGEST = 10_000_000  # bytes of a log, before the next begins
MOST = 5  # of these for each start


def begin(folder: Path, *, started: datetime) -> None:
    """Log to `folder` from now on, and what is wrong to standard error as well."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget(folder)
    name = started.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    everything, errors, terminal = (
        LogLevelFilterPredicate(defaultLogLevel=level)
        for level in (LogLevel.info, LogLevel.error, LogLevel.error)
    )
    log, error_log = (_file(folder, f"{name}{end}") for end in (".log", ".error.log"))
    everything.setLogLevelForNamespace("twisted.web.client", LogLevel.warn)  # a line a question
    globalLogBeginner.beginLoggingTo(
        [
            FilteringLogObserver(textFileLogObserver(log), [everything]),
            FilteringLogObserver(textFileLogObserver(error_log), [errors]),
            FilteringLogObserver(textFileLogObserver(sys.stderr), [terminal]),
        ],
        redirectStandardIO=False,
    )


def _file(folder: Path, name: str) -> IO[str]:
    file = LogFile(name, str(folder), LARGEST, defaultMode=0o600, maxRotatedFiles=MOST)
    return cast(IO[str], file)  # as far as an observer needs


def _forget(folder: Path) -> None:
    """Remove the logs of all but the last starts."""
    starts = sorted({path.name.partition("Z.")[0] for path in folder.glob("*Z.*log*")})
    for start in starts[: max(0, len(starts) - KEPT + 1)]:
        for path in folder.glob(f"{start}Z.*"):
            path.unlink(missing_ok=True)
