"""Base classes of errors that users cause. Imports no Django: the web and the API render errors.

An app defines its own exceptions beside the functions that raise them, each a subclass of one of
the classes below. `kind` is the category of the error, which the web and the API map to a status.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import ClassVar

from chirp.texts import shown
from chirp.texts import text as _


class Kind(Enum):
    """The categories of errors that clients have to distinguish."""

    INVALID = auto()  # the request itself is wrong
    UNAUTHENTICATED = auto()  # no user is signed in, or the credentials are wrong
    NOT_ALLOWED = auto()
    NOT_FOUND = auto()  # also for objects that the viewer may not see
    CONFLICT = auto()
    TOO_MANY = auto()  # a limit is exhausted
    TOO_LARGE = auto()  # a file has too many bytes or pixels
    UNSUPPORTED = auto()  # a file has a format that is not supported
    UNAVAILABLE = auto()  # another server does not answer


class ChirpError(Exception):
    """A request that cannot be fulfilled. `field` names the input at fault, if there is one."""

    kind: ClassVar[Kind] = Kind.INVALID
    code: ClassVar[str] = "invalid"
    message: ClassVar[str] = _("That cannot be done.")
    field: ClassVar[str | None] = None
    more: Mapping[str, str] = {}  # what programs need to go on, beside the message

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.text = message or self.message
        self.at = field or self.field
        self.retry_after = retry_after  # seconds
        super().__init__(self.text)

    @property
    def detail(self) -> str:
        """The message in the active language; `text` is the English one."""
        return shown(self.text)


class NotAllowed(ChirpError):
    """The object exists and the user may know that, but this action is not permitted."""

    kind = Kind.NOT_ALLOWED
    code = "not_allowed"
    message = _("You may not do that.")


class NotFound(ChirpError):
    """The object does not exist, or the viewer may not see it: clients cannot tell which."""

    kind = Kind.NOT_FOUND
    code = "not_found"
    message = _("There is nothing here.")


class Conflict(ChirpError):
    """The request conflicts with the present state."""

    kind = Kind.CONFLICT
    code = "conflict"
    message = _("That is already there.")


class TooLarge(ChirpError):
    """A file is larger than the limit for its kind."""

    kind = Kind.TOO_LARGE
    code = "too_large"
    message = _("The file is too large.")


class Unsupported(ChirpError):
    """A file has a format that is not supported."""

    kind = Kind.UNSUPPORTED
    code = "unsupported"
    message = _("Files of this format are not supported.")


class Unavailable(ChirpError):
    """A server that this needs does not answer."""

    kind = Kind.UNAVAILABLE
    code = "unavailable"
    message = _("That does not work right now. Please try again in a moment.")
