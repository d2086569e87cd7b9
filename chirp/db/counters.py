"""What the checks of stored counts have in common."""

from dataclasses import dataclass

REPAIR_BATCH = 200  # rows locked at once


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A stored count that differs from the number of rows."""

    table: str
    id: int
    counter: str
    stored: int
    counted: int

    def __str__(self) -> str:
        return f"{self.table} {self.id}: {self.counter} is {self.stored}, should be {self.counted}"
