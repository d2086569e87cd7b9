"""The grid of cells that the index of places is made of.

For the index, the earth is cut into cells of about eleven kilometres: bands of a tenth of a degree
of latitude, each cut into as many equal steps around the earth as keep a cell about square. The
poles and the antimeridian are cells like others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tweets.places.degrees import EARTH_KM

if TYPE_CHECKING:
    from tweets.places.circle import Circle

BANDS = 1800
MOST_STEPS = 3600  # in the bands at the equator
COVER_SLACK_KM = 0.01


def cell_of(lat: float, lon: float) -> int:
    """The number of the cell in which a point lies."""
    band = min(int((lat + 90) * BANDS / 180), BANDS - 1)
    steps = _steps(band)
    return band * MOST_STEPS + int((lon + 180) * steps / 360) % steps


def cells_within(circle: Circle) -> list[int]:
    """The cells that have something of a circle, a few hundred at most."""
    reach = math.degrees((circle.radius_km + COVER_SLACK_KM) / EARTH_KM)
    first = max(int((circle.lat - reach + 90) * BANDS / 180), 0)
    last = min(int((circle.lat + reach + 90) * BANDS / 180), BANDS - 1)
    return [cell for band in range(first, last + 1) for cell in _cells(circle, reach, band)]


def _steps(band: int) -> int:
    middle = math.radians((band + 0.5) * 180 / BANDS - 90)
    return max(1, round(MOST_STEPS * math.cos(middle)))


def _cells(circle: Circle, reach: float, band: int) -> Iterator[int]:
    """Those of one band, around the earth where need be."""
    steps, width = _steps(band), _half_width(circle.lat, reach, band)
    first = math.floor((circle.lon - width + 180) * steps / 360)
    last = math.floor((circle.lon + width + 180) * steps / 360)
    for step in range(first, min(last, first + steps - 1) + 1):
        yield band * MOST_STEPS + step % steps


def _half_width(lat: float, reach: float, band: int) -> float:
    """How far in longitude a circle around `lat` reaches from its centre within a band, at most.

    All in degrees. It reaches farthest where a meridian touches it, or at the edge of the band that
    is nearest to there; a circle with a pole in it, all around.
    """
    centre, angle = math.radians(lat), math.radians(reach)
    touched = math.degrees(math.asin(max(-1.0, min(1.0, math.sin(centre) / math.cos(angle)))))
    south = band * 180 / BANDS - 90
    there = math.radians(max(south, min(south + 180 / BANDS, touched)))
    # The spherical law of cosines, for the difference in longitude.
    above = math.cos(angle) - math.sin(centre) * math.sin(there)
    below = math.cos(centre) * math.cos(there)
    if above <= -below:
        return 180.0
    return 0.0 if above >= below else math.degrees(math.acos(above / below))
