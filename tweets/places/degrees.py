"""Validate latitudes and longitudes."""

from chirp.errors import ChirpError

EARTH_KM = 6371.0088  # the mean radius


class BadPlace(ChirpError):
    """Raised when a coordinate is out of range, or when the name of a place is invalid."""

    code = "bad_place"
    field = "location"


def check_degrees(degrees: float, limit: float, field: str) -> None:
    """Raise BadPlace, which names `field`, unless -`limit` <= `degrees` <= `limit`."""
    if not -limit <= degrees <= limit:  # also true for NaN
        raise BadPlace(f"Must be a number of degrees from -{limit:g} to {limit:g}.", field=field)
