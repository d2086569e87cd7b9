"""Geographic places: validate the place of a tweet, and find cells within a circle. No Django."""

from tweets.places.circle import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, BadRadius, Circle
from tweets.places.grid import cell_of, cells_within
from tweets.places.place import NAME_LENGTH, BadPlace, NewPlace, Place, checked

__all__ = [
    "DEFAULT_RADIUS_KM",
    "MAX_RADIUS_KM",
    "NAME_LENGTH",
    "BadPlace",
    "BadRadius",
    "Circle",
    "NewPlace",
    "Place",
    "cell_of",
    "cells_within",
    "checked",
]
