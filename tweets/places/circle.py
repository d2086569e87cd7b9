"""Circles on the surface of the earth, and how to parse them from request parameters."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from chirp.errors import ChirpError
from chirp.texts import text as _
from tweets.places.degrees import EARTH_KM, check_degrees

MAX_RADIUS_KM = 100.0
DEFAULT_RADIUS_KM = 10.0
# Floats are rounded to about 16 digits, and a point on the edge of a circle must count as inside.
SLACK_KM = 1e-6
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
NUMBER_LENGTH = 400  # the largest float has 309 digits before the point; some are spare


class BadRadius(ChirpError):
    """Raised when a radius is not a number or is out of range."""

    message = _("Must be a number of kilometres from 0 to %(most)s.", most=f"{MAX_RADIUS_KM:g}")
    field = "radius_km"


@dataclass(frozen=True, slots=True)
class Circle:
    """All points at most `radius_km` kilometres from a centre, which is given in degrees."""

    lat: float
    lon: float
    radius_km: float = DEFAULT_RADIUS_KM

    def __post_init__(self) -> None:
        """Validate the values. Raises BadPlace (with the field `lat` or `lon`) and BadRadius."""
        check_degrees(self.lat, 90, "lat")
        check_degrees(self.lon, 180, "lon")
        if not 0 <= self.radius_km <= MAX_RADIUS_KM:  # also true for NaN
            raise BadRadius

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Circle":
        """Parse `lat`, `lon` and the optional `radius_km`.

        Raises BadPlace and BadRadius, which name the field.
        """
        radius = parameters.get("radius_km")
        return cls(
            lat=_number(parameters.get("lat", "")),
            lon=_number(parameters.get("lon", "")),
            radius_km=DEFAULT_RADIUS_KM if radius is None else _number(radius),
        )

    @property
    def max_haversine(self) -> float:
        """The haversine of the largest angle between the centre and a point in the circle."""
        return math.sin((self.radius_km + SLACK_KM) / EARTH_KM / 2) ** 2


def _number(text: str) -> float:
    """Parse a number. Return NaN, which no range contains, if the text is not a number."""
    return float(text) if len(text) <= NUMBER_LENGTH and NUMBER.fullmatch(text) else math.nan
