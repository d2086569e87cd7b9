"""Places on the earth: what a tweet may carry, and which of them lie within a circle. Pure."""

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
