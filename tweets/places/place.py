"""The place that a tweet carries: as it is given, and as it is stored."""

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
    """A place as somebody gives it. `exact` keeps it as it is; else it becomes coarse."""

    lat: float
    lon: float
    name: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place as a tweet carries it, in degrees."""

    lat: float
    lon: float
    name: str = ""

    @property
    def cell(self) -> int:
        """The cell of the index that it lies in."""
        return cell_of(self.lat, self.lon)


def checked(new: NewPlace) -> Place:
    """A place as it is to be stored: what was not chosen is gone. BadPlace."""
    check_degrees(new.lat, 90, "location.lat")
    check_degrees(new.lon, 180, "location.lon")
    lat, lon = _exact(new.lat, new.lon) if new.exact else _coarse(new.lat, new.lon)
    return Place(lat, lon, _checked_name(new.name))


def _checked_name(name: str) -> str:
    try:
        return clean_line(name, field="location.name", limit=NAME_LENGTH)
    except BadText as error:
        raise BadPlace(error.detail, field="location.name") from None


def _exact(lat: float, lon: float) -> tuple[float, float]:
    return _rounded(lat, EXACT_DIGITS), _rounded(lon, EXACT_DIGITS)


def _coarse(lat: float, lon: float) -> tuple[float, float]:
    """Rounded to about a kilometre both ways: degrees of longitude shrink towards the poles."""
    lat = _rounded(lat, COARSE_DIGITS)
    hundredths = max(1, round(1 / math.cos(math.radians(lat))))
    lon = _rounded(round(lon * 100 / hundredths) * hundredths / 100, COARSE_DIGITS)
    if abs(lon) > 180:
        lon = _rounded(lon - math.copysign(360, lon), COARSE_DIGITS)
    return lat, lon


def _rounded(degrees: float, digits: int) -> float:
    return round(degrees, digits) + 0.0  # no -0.0
