"""Degrees on the earth, and the error about those that are out of range."""

from chirp.errors import ChirpError

EARTH_KM = 6371.0088  # the mean radius


class BadPlace(ChirpError):
    """A place that is nowhere, or that is called what nothing can be called."""

    code = "bad_place"
    field = "location"


def check_degrees(degrees: float, most: float, field: str) -> None:
    """Raise BadPlace, which names the field, for what is not from -`most` to `most`."""
    if not -most <= degrees <= most:  # NaN is not either
        raise BadPlace(f"Must be a number of degrees from -{most:g} to {most:g}.", field=field)
