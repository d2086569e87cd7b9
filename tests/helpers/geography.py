"""Distances on the earth, to verify geographic queries with."""

import math

from tweets.places.degrees import EARTH_KM

__all__ = ["EARTH_KM", "distance_km"]


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The great-circle distance in kilometres, by the haversine formula."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    delta_lambda = math.radians(other_lon - lon)
    haversine = math.sin((phi - other_phi) / 2) ** 2
    haversine += math.cos(phi) * math.cos(other_phi) * math.sin(delta_lambda / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(haversine)))
