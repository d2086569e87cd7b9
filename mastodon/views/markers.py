"""Read positions, the same as on the site."""

from typing import Any

from chirp.times import rfc3339
from mastodon.calls import Call
from mastodon.endpoints import user
from notifications import markers
from notifications.models import Marker

Json = dict[str, Any]


def _represent(found: Marker) -> Json:
    return {
        "last_read_id": str(found.last_read_id),
        "version": found.version,
        "updated_at": rfc3339(found.updated_at),
    }


@user("read:statuses")
def show(call: Call) -> Json:
    """GET markers: those that were asked for and are set."""
    wanted = set(call.params.texts("timeline"))
    found = {name: markers.marker(user=call.user, name=name) for name in _known(wanted)}
    return {name: _represent(one) for name, one in found.items() if one is not None}


@user("write:statuses")
def move(call: Call) -> Json:
    """POST markers: the new positions. An earlier one is accepted, as Mastodon does."""
    moved = {}
    for name in _known(call.params.values):
        position = call.params.child(name).id("last_read_id")
        if position is not None:
            moved[name] = _represent(
                markers.move(user=call.user, name=name, last_read_id=position, back=True)
            )
    return moved


def _known(wanted: Any) -> list[str]:
    return [name for name in markers.Name.values if name in wanted]
