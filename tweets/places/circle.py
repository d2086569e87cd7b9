"""Circles on the earth, and reading them from the parameters of a request."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from chirp.errors import ChirpError
from tweets.places.degrees import EARTH_KM, check_degrees

MAX_RADIUS_KM = 100.0
DEFAULT_RADIUS_KM = 10.0
# Numbers of sixteen digits are rounded, and what lies on the edge of a circle is in it.
SLACK_KM = 1e-6
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
NUMBER_LENGTH = 400  # digits of the largest number that a program may print, and some


class BadRadius(ChirpError):
    """A radius out of range."""

    message = f"Must be a number of kilometres from 0 to {MAX_RADIUS_KM:g}."
    field = "radius_km"


@dataclass(frozen=True, slots=True)
class Circle:
    """All that is no farther from a point than a radius."""

    lat: float
    lon: float
    radius_km: float = DEFAULT_RADIUS_KM

    def __post_init__(self) -> None:
        """BadPlace (with the field `lat` or `lon`) and BadRadius."""
        check_degrees(self.lat, 90, "lat")
        check_degrees(self.lon, 180, "lon")
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


def _number(text: str) -> float:
    """What a parameter says; NaN, which is in no range, where it is no number."""
    return float(text) if len(text) <= NUMBER_LENGTH and NUMBER.fullmatch(text) else math.nan
