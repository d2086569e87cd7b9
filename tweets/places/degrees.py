"""Validate latitudes and longitudes."""

from chirp.errors import ChirpError
from chirp.texts import text as _

EARTH_KM = 6371.0088  # the mean radius


class BadPlace(ChirpError):
    """Raised when a coordinate is out of range, or when the name of a place is invalid."""

    code = "bad_place"
    field = "location"


def check_degrees(degrees: float, limit: float, field: str) -> None:
    """Raise BadPlace, which names `field`, unless -`limit` <= `degrees` <= `limit`."""
    if not -limit <= degrees <= limit:  # also true for NaN
        message = _("Must be a number of degrees from -%(most)s to %(most)s.", most=f"{limit:g}")
        raise BadPlace(message, field=field)
