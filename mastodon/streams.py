"""The streams of Mastodon's API: their names, parameters and scopes."""

from collections.abc import Mapping, Sequence

from accounts.models import User
from accounts.oauth.scopes import covers
from accounts.streams import Stream
from chirp.texts import text as _
from lists.selectors import access_list
from mastodon.calls import parsed
from mastodon.errors import BadRequest, OutsideScopes
from tweets.text import normalize_tag

STATUSES, NOTIFICATIONS = "read:statuses", "read:notifications"
PUBLIC = ("public", "public:local", "public:remote")
HASHTAG = ("hashtag", "hashtag:local")
# The scopes that a stream needs, all of them.
SCOPES: dict[str, tuple[str, ...]] = {
    "user": (STATUSES, NOTIFICATIONS),
    "user:notification": (NOTIFICATIONS,),
    "direct": (STATUSES,),
    "list": (STATUSES,),
    **dict.fromkeys(HASHTAG, (STATUSES,)),
    **{name + media: (STATUSES,) for name in PUBLIC for media in ("", ":media")},
}


class UnknownStream(BadRequest):
    """There is no such stream, or its parameter is missing."""

    message = _("Unknown stream type")


def stream_of(
    name: str, parameters: Mapping[str, str], *, viewer: User, scopes: Sequence[str]
) -> Stream:
    """Return a stream that a token may listen to, with its parameter as the client wrote it.

    Raises UnknownStream, OutsideScopes, and NotFound for a list that the viewer may not read.
    """
    if name not in SCOPES:
        raise UnknownStream
    if not all(covers(scopes, scope) for scope in SCOPES[name]):
        raise OutsideScopes
    if name == "list":
        access_list(viewer=viewer, list_id=parsed(parameters.get("list", "")))
        return name, parameters["list"]
    if name in HASHTAG:
        if normalize_tag(parameters.get("tag", "")) is None:
            raise UnknownStream
        return name, parameters["tag"]
    return name, ""
