"""A clock that can be stepped while programs run: Debian's libfaketime, where it is installed."""

from pathlib import Path

LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
CACHED_SECONDS = 1  # a step is seen a little after that


class Clock:
    """The wall clock of the programs whose commands it wraps. Without the library: the real one."""

    def __init__(self, file: Path) -> None:
        found = [path for pattern in LIBRARIES for path in Path("/").glob(pattern[1:])]
        self.library = found[0] if found else None
        self.file = file
        self._ahead = 0
        self.step(0)

    @property
    def can_step(self) -> bool:
        """Whether the library is there."""
        return self.library is not None

    def step(self, seconds: int) -> None:
        """Step ahead by so many seconds; back, if negative."""
        self._ahead += seconds
        # Renamed into its place: nobody may read half of it.
        draft = self.file.with_suffix(".new")
        draft.write_text(f"{self._ahead:+d}\n")
        draft.chmod(0o644)
        draft.rename(self.file)

    def wrapped(self, command: list[str]) -> list[str]:
        """The command, so that it lives by this clock."""
        if self.library is None:
            return command
        environment = {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": str(CACHED_SECONDS),
            "FAKETIME_DISABLE_SHM": "1",
            # Timeouts and heartbeats are measured by the clock that never steps.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        return ["env", *(f"{name}={value}" for name, value in environment.items()), *command]
