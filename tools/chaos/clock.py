"""A clock that can be stepped while processes run, by Debian's libfaketime if it is installed."""

from pathlib import Path

LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
CACHED_SECONDS = 1  # libfaketime reads its file so often; a step takes effect after that


class Clock:
    """The wall clock of the processes whose commands it wraps: the real one without libfaketime."""

    def __init__(self, file: Path) -> None:
        found = [path for pattern in LIBRARIES for path in Path("/").glob(pattern[1:])]
        self.library = found[0] if found else None
        self.file = file
        self._ahead = 0
        self.step(0)

    @property
    def can_step(self) -> bool:
        """Whether libfaketime is installed."""
        return self.library is not None

    def step(self, seconds: int) -> None:
        """Step the clock ahead by `seconds`, or back if negative."""
        self._ahead += seconds
        # Renamed, so that no process reads a half-written file.
        new_file = self.file.with_suffix(".new")
        new_file.write_text(f"{self._ahead:+d}\n")
        new_file.chmod(0o644)
        new_file.rename(self.file)

    def wrapped(self, command: list[str]) -> list[str]:
        """The command with the environment that makes it use this clock."""
        if self.library is None:
            return command
        environment = {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": str(CACHED_SECONDS),
            "FAKETIME_DISABLE_SHM": "1",
            # Timeouts and heartbeats use the monotonic clock, which never steps.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        return ["env", *(f"{name}={value}" for name, value in environment.items()), *command]
