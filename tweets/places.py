"""Places on the earth: what a tweet may carry, and which of them lie within a circle. Pure.

For the index, the earth is cut into cells of about eleven kilometres: bands of a tenth of a degree
of latitude, each cut into as many equal steps around the earth as keep a cell about square. The
poles and the antimeridian are cells like others.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accounts.validation import PLACE_LENGTH, BadText, clean_place
from chirp.errors import ChirpError

EARTH_KM = 6371.0088  # the mean radius
MAX_RADIUS_KM = 100.0
DEFAULT_RADIUS_KM = 10.0
NAME_LENGTH = PLACE_LENGTH
COARSE_DIGITS, EXACT_DIGITS = 2, 6  # of a degree: about a kilometre, and eleven centimetres
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
NUMBER_LENGTH = 400  # digits of the largest number that a program may print, and some
BANDS = 1800
MOST_STEPS = 3600  # in the bands at the equator
# Numbers of sixteen digits are rounded, and what lies on the edge of a circle is in it.
SLACK_KM = 1e-6
COVER_SLACK_KM = 0.01


class BadPlace(ChirpError):
    """A place that is nowhere, or that is called what nothing can be called."""

    code = "bad_place"
    field = "location"


class BadRadius(ChirpError):
    """A radius out of range."""

    message = f"Must be a number of kilometres from 0 to {MAX_RADIUS_KM:g}."
    field = "radius_km"


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


@dataclass(frozen=True, slots=True)
class Circle:
    """All that is no farther from a point than a radius."""

    lat: float
    lon: float
    radius_km: float = DEFAULT_RADIUS_KM

    def __post_init__(self) -> None:
        """BadPlace (with the field `lat` or `lon`) and BadRadius."""
        _check(self.lat, 90, "lat")
        _check(self.lon, 180, "lon")
        if not 0 <= self.radius_km <= MAX_RADIUS_KM:  # NaN is not either
            raise BadRadius

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Circle":
        """Read `lat`, `lon` and perhaps `radius_km`. BadPlace and BadRadius name the field."""
        radius = parameters.get("radius_km")
        return cls(
            lat=_number(parameters.get("lat", "")),
            lon=_number(parameters.get("lon", "")),
            radius_km=DEFAULT_RADIUS_KM if radius is None else _number(radius),
        )

    @property
    def most(self) -> float:
        """The largest haversine of an angle from the centre to what lies within."""
        return math.sin((self.radius_km + SLACK_KM) / EARTH_KM / 2) ** 2


def checked(new: NewPlace) -> Place:
    """A place as it is to be stored: what was not chosen is gone. BadPlace."""
    _check(new.lat, 90, "location.lat")
    _check(new.lon, 180, "location.lon")
    lat, lon = _exact(new.lat, new.lon) if new.exact else _coarse(new.lat, new.lon)
    return Place(lat, lon, _checked_name(new.name))


def _number(text: str) -> float:
    """What a parameter says; NaN, which is in no range, where it is no number."""
    return float(text) if len(text) <= NUMBER_LENGTH and NUMBER.fullmatch(text) else math.nan


def _check(degrees: float, most: float, field: str) -> None:
    if not -most <= degrees <= most:  # NaN is not either
        raise BadPlace(f"Must be a number of degrees from -{most:g} to {most:g}.", field=field)


def _checked_name(name: str) -> str:
    try:
        return clean_place(name)
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


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Along a great circle, by the haversine formula."""
    high, low = math.radians(lat), math.radians(other_lat)
    turn = math.radians(other_lon - lon)
    half = math.sin((high - low) / 2) ** 2
    half += math.cos(high) * math.cos(low) * math.sin(turn / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


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
