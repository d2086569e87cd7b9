"""What Mastodon has and Chirp does not: apps ask for it, and get nothing, in the right form."""

from typing import Any

from mastodon.calls import Call
from mastodon.endpoints import public, user


@public()
def array(call: Call, **names: str) -> list[Any]:
    """No entries."""
    return []


@user("read")
def own_array(call: Call, **names: str) -> list[Any]:
    """No entries of the signed-in user."""
    return []


@public()
def object_(call: Call, **names: str) -> dict[str, Any]:
    """No properties."""
    return {}


@user("write")
def done(call: Call, **names: str) -> dict[str, Any]:
    """There was nothing to do."""
    return {}
