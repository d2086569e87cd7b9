"""Addresses of files: stable ones of what everybody may see, and signed ones of the rest.

A signed address holds for one file and one viewer, until a time in it. Whether that viewer may
still see the file is decided at each request. The signature is in the query, which no log keeps.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from django.core import signing
from django.utils.crypto import constant_time_compare

from chirp.errors import NotFound

# An address is the same for half an hour, so that browsers do not fetch a file at each page, and
# then works for half an hour more.
STEP_SECONDS = 1800
# In place of a viewer: whoever moderates. No account has this id.
MODERATOR = 0
# Whoever reads a report, which may be about a direct tweet. No account has this id either.
REPORT = 10**16 - 1
NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)
_signer = signing.Signer(salt="media.links")


def stable(key: str, name: str) -> str:
    """The path of a file that everybody may see, without a slash in front."""
    return f"media/{key}/{name}"


def signed(key: str, name: str, *, viewer_id: int, now: float) -> str:
    """The path and query with which one viewer gets a file, for half an hour at least."""
    until = (int(now) // STEP_SECONDS + 2) * STEP_SECONDS
    signature = _signature(key, name, viewer_id, until)
    query = urlencode({"for": viewer_id, "until": until, "sig": signature})
    return f"{stable(key, name)}?{query}"


def viewer_id(key: str, name: str, query: Mapping[str, str], *, now: float) -> int | None:
    """Return for which viewer a requested address is; None for a stable one.

    Raises NotFound for a signature that is wrong or has expired.
    """
    if "sig" not in query:
        return None
    viewer, until = query.get("for", ""), query.get("until", "")
    if not (NUMBER.fullmatch(viewer) and NUMBER.fullmatch(until)) or int(until) <= now:
        raise NotFound
    expected = _signature(key, name, int(viewer), int(until))
    if not constant_time_compare(query["sig"], expected):
        raise NotFound
    return int(viewer)


def _signature(key: str, name: str, viewer_id: int, until: int) -> str:
    return _signer.signature(f"{key}/{name}/{viewer_id}/{until}")
