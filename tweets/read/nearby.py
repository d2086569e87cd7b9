"""The public tweets within a circle, as candidates of a list. Each batch is one query.

Each cell that overlaps the circle is read through the index, newest first, until it has filled a
batch, so a crowded city costs no more than a village. The exact distance then removes tweets that
are in the cell but outside the circle. A cell is read to its end only if it has too few tweets
inside the circle.
"""

import math
from dataclasses import dataclass

from chirp.db.prepared import Prepared
from tweets.places import Circle, cells_within
from tweets.read.paging import Candidate
from tweets.sql import NEAR_ABOVE, NEAR_BELOW

TOP = 2**63 - 1
DIGITS = 9  # of a degree: PostgreSQL raises an underflow error when it squares a tiny number


@dataclass(frozen=True, slots=True)
class NearbyTweets:
    """The candidates for the list of tweets within `circle`. Positions are ids of tweets."""

    circle: Circle

    def below(self, position: int | None, limit: int) -> list[Candidate]:
        """Return the next candidates below an id, newest first; None starts at the top."""
        return self._read(NEAR_BELOW, TOP if position is None else position, limit)

    def above(self, position: int, limit: int) -> list[Candidate]:
        """Return the next candidates above an id, oldest first."""
        return self._read(NEAR_ABOVE, position, limit)

    def _read(self, query: Prepared, position: int, limit: int) -> list[Candidate]:
        lat, lon = round(self.circle.lat, DIGITS), round(self.circle.lon, DIGITS)
        found = query.rows(
            cells=cells_within(self.circle),
            position=position,
            lat=lat,
            cos_lat=math.cos(math.radians(lat)),
            lon=lon,
            max_haversine=self.circle.max_haversine,
            limit=limit,
        )
        return [(id_, id_) for (id_,) in found]
