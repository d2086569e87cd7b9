"""The public tweets within a circle, as candidates of a list.

Each cell that overlaps the circle is read through the index, newest first, so a crowded city costs
no more than a village. The exact distance then removes tweets that are in the cell but outside the
circle.
"""

import math

from tweets.places import Circle, cells_within
from tweets.read.paging import Query
from tweets.sql import lists as sql

DIGITS = 9  # of a degree: PostgreSQL raises an underflow error when it squares a tiny number


def nearby_tweets(circle: Circle, *, viewer_id: int | None) -> Query:
    """Return the candidates for the list of tweets within `circle`. Positions are ids of tweets."""
    lat, lon = round(circle.lat, DIGITS), round(circle.lon, DIGITS)
    parameters = {
        "viewer": viewer_id,
        "cells": cells_within(circle),
        "lat": lat,
        "cos_lat": math.cos(math.radians(lat)),
        "lon": lon,
        "max_haversine": circle.max_haversine,
    }
    return Query(sql.NEAR, parameters)
