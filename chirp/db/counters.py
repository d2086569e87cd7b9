"""What checks of stored counts have in common."""

from dataclasses import dataclass

REPAIR_BATCH = 200  # rows that are locked at once


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A stored count that is not what the rows say."""

    table: str
    id: int
    counter: str
    stored: int
    counted: int

    def __str__(self) -> str:
        return f"{self.table} {self.id}: {self.counter} is {self.stored}, should be {self.counted}"
