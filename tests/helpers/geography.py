"""Distances on the earth, to check places with."""

import math

from tweets.places.degrees import EARTH_KM

__all__ = ["EARTH_KM", "distance_km"]


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance along a great circle, by the haversine formula."""
    high, low = math.radians(lat), math.radians(other_lat)
    turn = math.radians(other_lon - lon)
    half = math.sin((high - low) / 2) ** 2
    half += math.cos(high) * math.cos(low) * math.sin(turn / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))
