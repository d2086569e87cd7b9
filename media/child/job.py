"""What the parent asks of the child, and what it answers: JSON on the command line and on stdout.

No Django, and no library that decodes anything.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


class Refused(Exception):
    """The file cannot be used. The text is for the person who uploaded it."""


@dataclass(frozen=True, slots=True)
class Size:
    """A picture to make: at most `width` by `height`, and cut to exactly that if `crop`."""

    name: str
    width: int
    height: int
    crop: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A file to process. Results are written into the directory `out`."""

    kind: str
    format: str
    source: str
    out: str
    sizes: list[Size]
    focus: tuple[float, float] = (0.0, 0.0)
    max_pixels: int = 0
    max_seconds: float = 0.0  # of a video or a recording
    memory_bytes: int = 0
    cpu_seconds: int = 0
    file_bytes: int = 0  # of each file that is written

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> "Job":
        """What `dump` wrote."""
        data = json.loads(text)
        data["sizes"] = [Size(**size) for size in data["sizes"]]
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made."""

    name: str
    type: str
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class Result:
    """What became of the job: files, or an `error` for the person who uploaded it."""

    kind: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    blurhash: str = ""
    error: str = ""
    made: list[Made] = field(default_factory=list)

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> "Result":
        """What `dump` wrote. Raises ValueError for anything else."""
        data: dict[str, Any] = json.loads(text)
        data["made"] = [Made(**made) for made in data["made"]]
        return cls(**data)
