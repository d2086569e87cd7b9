"""How a view opens a stream: it says who listens to what, and the process of streams does the rest.

The view runs with all middleware, as for any other request. Where it is not that process that runs
it, because that one does not answer, there are no streams.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from accounts.signed_in import SignedIn
from chirp import errors
from chirp.errors import ChirpError
from chirp.texts import text as _

OPEN = "chirp.open_stream"  # in the environment of a request: the function that opens a stream
RETRY_SECONDS = 5
Face = Literal["native", "mastodon"]
# What is listened to, with its parameter: ("home", ""), ("hashtag", "cats").
Stream = tuple[str, str]


class NoStreams(ChirpError):
    """The process that serves streams does not answer."""

    kind = errors.Kind.UNAVAILABLE
    code = "no_streams"
    message = _("Live updates are not available right now. Please try again in a moment.")


class TooManyStreams(ChirpError):
    """The account, the client's network or the site has as many streams as it may."""

    kind = errors.Kind.TOO_MANY
    code = "too_many_streams"
    message = _("Too many streams are open. Close some, or try again later.")


@dataclass(frozen=True, slots=True)
class Opening:
    """A stream that a view allows.

    `base` is the site's base URL as the client called it. `watched` are the ids of tweets whose
    counts are wanted, and `after` is what the client got last, as the stream named it. `scopes` are
    those of the token of an app.
    """

    face: Face
    who: SignedIn
    base: str
    streams: frozenset[Stream]
    watched: frozenset[int] = frozenset()
    after: str = ""
    scopes: tuple[str, ...] = ()


def opener(environment: Mapping[str, Any]) -> Callable[[Opening], None]:
    """Return the function that opens a stream, which may raise TooManyStreams.

    Raises NoStreams if the request did not come to the process of streams.
    """
    found = environment.get(OPEN)
    if found is None:
        raise NoStreams(retry_after=RETRY_SECONDS)
    return cast("Callable[[Opening], None]", found)
