"""The public tweets within a circle, as candidates of a list: one query for each batch.

Each cell that has something of the circle is read by the index, newest first, until it has given a
batch: so a crowded city costs no more than a village. What a cell has beside the circle goes by the
exact distance; only a cell of which all is beside it is read to its end.
"""

import math
from dataclasses import dataclass

from chirp.db.prepared import Prepared
from tweets.places import Circle, cells_within
from tweets.read.paging import Candidate
from tweets.sql import NEAR_ABOVE, NEAR_BELOW

TOP = 2**63 - 1
DIGITS = 9  # of a degree: PostgreSQL refuses to square what is next to nothing


@dataclass(frozen=True, slots=True)
class Near:
    """Candidates of the list of what is within `circle`. A place in it is a tweet's id."""

    circle: Circle

    def below(self, position: int | None, limit: int) -> list[Candidate]:
        """The next ones below an id, downwards; from the top for None."""
        return self._read(NEAR_BELOW, TOP if position is None else position, limit)

    def above(self, position: int, limit: int) -> list[Candidate]:
        """The next ones above an id, upwards."""
        return self._read(NEAR_ABOVE, position, limit)

    def _read(self, query: Prepared, position: int, limit: int) -> list[Candidate]:
        lat, lon = round(self.circle.lat, DIGITS), round(self.circle.lon, DIGITS)
        found = query.rows(
            cells=cells_within(self.circle),
            position=position,
            lat=lat,
            cos_lat=math.cos(math.radians(lat)),
            lon=lon,
            most=self.circle.most,
            limit=limit,
        )
        return [(id_, id_) for (id_,) in found]
