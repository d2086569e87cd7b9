"""What every kind of archive can do, and which kinds there are.

A kind reads an archive once, into records, and later is given these back a batch at a time. So a
batch that was interrupted is repeated without a look at the rest of the archive.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from archives.files import Archive
from archives.work import Work


@dataclass(frozen=True, slots=True)
class Found:
    """Something in an archive: what it is, and its content as JSON.

    Records are worked off by `stage`, then by `position`, then as they were read. All records of
    one `what` have the same stage.
    """

    what: str
    data: Any
    position: int = 0
    stage: int = 0


class Kind(ABC):
    """A kind of archive. `name` is stored, and given by clients; `label` is for people."""

    name: ClassVar[str]
    label: ClassVar[str]
    batch: ClassVar[int] = 200  # the weight of one step, which takes about a second

    @abstractmethod
    def matches(self, archive: Archive) -> bool:
        """Return whether an archive is of this kind, by what is in it. Raises BadArchive."""

    @abstractmethod
    def read(self, archive: Archive, work: Work) -> Iterator[Found]:
        """Yield everything to import. Raises BadArchive. May count what is left out."""

    def weight(self, what: str, data: Any) -> int:
        """Return how many plain records one record is as much work as."""
        return 1

    def is_told(self, what: str, data: Any) -> bool:
        """Return whether importing a record is told to others, or counted for them.

        Of these, an import does as many at a time as a person may, and goes on later.
        """
        return False

    @abstractmethod
    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Import a batch of records, in a transaction.

        When it raises, nothing of the batch is imported, and each record is tried alone. It is
        never given a record twice after it has returned, but has to leave out itself what an
        earlier upload of the same archive brought (`Work.known`).
        """
