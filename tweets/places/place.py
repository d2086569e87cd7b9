"""The place of a tweet: as a user enters it, and as it is stored."""

import math
from dataclasses import dataclass

from chirp.plain_text import BadText, clean_line
from tweets.places.degrees import BadPlace, check_degrees
from tweets.places.grid import cell_of

__all__ = ["NAME_LENGTH", "BadPlace", "NewPlace", "Place", "checked"]

NAME_LENGTH = 100
COARSE_DIGITS, EXACT_DIGITS = 2, 6  # of a degree: about a kilometre, and eleven centimetres


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place as a user enters it, in degrees.

    It is rounded to about a kilometre for privacy, unless `exact` is set.
    """

    lat: float
    lon: float
    name: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it is stored with a tweet, in degrees."""

    lat: float
    lon: float
    name: str = ""

    @property
    def cell(self) -> int:
        """The number of the grid cell that contains the place."""
        return cell_of(self.lat, self.lon)


def checked(new: NewPlace) -> Place:
    """Return the place in the form to store, rounded unless it is exact. Raises BadPlace."""
    check_degrees(new.lat, 90, "location.lat")
    check_degrees(new.lon, 180, "location.lon")
    lat, lon = _exact(new.lat, new.lon) if new.exact else _coarse(new.lat, new.lon)
    return Place(lat, lon, _checked_name(new.name))


def _checked_name(name: str) -> str:
    try:
        return clean_line(name, field="location.name", limit=NAME_LENGTH)
    except BadText as error:
        raise BadPlace(error.text, field="location.name") from None


def _exact(lat: float, lon: float) -> tuple[float, float]:
    return _rounded(lat, EXACT_DIGITS), _rounded(lon, EXACT_DIGITS)


def _coarse(lat: float, lon: float) -> tuple[float, float]:
    """Round to about a kilometre in both directions.

    Longitudes are rounded to more hundredths of a degree near the poles, where a degree of
    longitude is shorter.
    """
    lat = _rounded(lat, COARSE_DIGITS)
    hundredths = max(1, round(1 / math.cos(math.radians(lat))))
    lon = _rounded(round(lon * 100 / hundredths) * hundredths / 100, COARSE_DIGITS)
    if abs(lon) > 180:
        lon = _rounded(lon - math.copysign(360, lon), COARSE_DIGITS)
    return lat, lon


def _rounded(degrees: float, digits: int) -> float:
    return round(degrees, digits) + 0.0  # adding 0.0 turns -0.0 into 0.0
