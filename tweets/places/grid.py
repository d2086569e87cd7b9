"""The grid of cells by which places are indexed.

The surface of the earth is divided into cells of about 11 by 11 kilometres. A band is a tenth of a
degree of latitude. Each band is divided into equal steps of longitude, as many as keep its cells
about square. The poles and the antimeridian are not special cases.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tweets.places.degrees import EARTH_KM

if TYPE_CHECKING:
    from tweets.places.circle import Circle

BANDS = 1800
MAX_STEPS = 3600  # in the bands at the equator
COVER_SLACK_KM = 0.01


def cell_of(lat: float, lon: float) -> int:
    """Return the number of the cell that contains a point."""
    band = min(int((lat + 90) * BANDS / 180), BANDS - 1)
    steps = _steps(band)
    return band * MAX_STEPS + int((lon + 180) * steps / 360) % steps


def cells_within(circle: Circle) -> list[int]:
    """Return the cells that overlap a circle: a few hundred at most."""
    radius = math.degrees((circle.radius_km + COVER_SLACK_KM) / EARTH_KM)
    first = max(int((circle.lat - radius + 90) * BANDS / 180), 0)
    last = min(int((circle.lat + radius + 90) * BANDS / 180), BANDS - 1)
    return [cell for band in range(first, last + 1) for cell in _cells(circle, radius, band)]


def _steps(band: int) -> int:
    middle = math.radians((band + 0.5) * 180 / BANDS - 90)
    return max(1, round(MAX_STEPS * math.cos(middle)))


def _cells(circle: Circle, radius: float, band: int) -> Iterator[int]:
    """Yield the cells of one band that overlap a circle of `radius` degrees.

    They may continue across the antimeridian.
    """
    steps, width = _steps(band), _half_width(circle.lat, radius, band)
    first = math.floor((circle.lon - width + 180) * steps / 360)
    last = math.floor((circle.lon + width + 180) * steps / 360)
    for step in range(first, min(last, first + steps - 1) + 1):
        yield band * MAX_STEPS + step % steps


def _half_width(lat: float, radius: float, band: int) -> float:
    """Return half the width in longitude of a circle within a band, at its widest point.

    All values are in degrees, and `lat` is the latitude of the centre. The widest point is where a
    meridian is tangent to the circle, or else the edge of the band nearest to that point. A circle
    that contains a pole goes all the way around.
    """
    centre, angle = math.radians(lat), math.radians(radius)
    tangent = math.degrees(math.asin(max(-1.0, min(1.0, math.sin(centre) / math.cos(angle)))))
    south = band * 180 / BANDS - 90
    widest = math.radians(max(south, min(south + 180 / BANDS, tangent)))
    # The spherical law of cosines, solved for the difference in longitude.
    numerator = math.cos(angle) - math.sin(centre) * math.sin(widest)
    denominator = math.cos(centre) * math.cos(widest)
    if numerator <= -denominator:
        return 180.0
    return 0.0 if numerator >= denominator else math.degrees(math.acos(numerator / denominator))
