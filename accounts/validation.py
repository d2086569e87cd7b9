"""What people may be called and may say about themselves. Pure: knows values, not rows."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from accounts.models import HANDLE_PATTERN
from chirp.errors import ChirpError

NAME_LENGTH = 50
BIO_LENGTH = 500
PLACE_LENGTH = 100
LINK_LENGTH = 200
EMAIL_LENGTH = 254
PASSWORD_LENGTH = 1000  # nobody types more, and hashing costs

# First segments of the site's and the API's addresses, present and planned, and names that people
# would take for somebody in charge.
RESERVED = frozenset(
    {
        *("about", "admin", "api", "auth", "bookmarks", "chirp", "compose", "docs", "explore"),
        *("export", "hashtag", "healthz", "help", "home", "lists", "login", "logout", "me"),
        *("media", "metrics", "nearby", "notifications", "oauth", "readyz", "register", "root"),
        *("schema", "search", "settings", "static", "status", "stream", "support", "timelines"),
        *("tweets", "users", "v1", "v2"),
    }
)
# Marks that turn the direction of the text around them: a way to write what it does not say.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BREAKS = frozenset("\u2028\u2029")
_is_link = URLValidator(schemes=["http", "https"])


class BadHandle(ChirpError):
    """The handle has other characters than a handle may have, or too many."""

    code = "bad_handle"
    message = "Handles have 1 to 30 letters (a to z), digits and underscores."
    field = "handle"


class ReservedHandle(ChirpError):
    """The handle is one that nobody may have."""

    code = "reserved_handle"
    message = "This handle is reserved."
    field = "handle"


class BadEmail(ChirpError):
    """The text is not an e-mail address."""

    code = "bad_email"
    message = "This is not an e-mail address."
    field = "email"


class BadText(ChirpError):
    """A text of a profile is too long, or has characters that it may not have."""

    code = "bad_text"


class BadLink(ChirpError):
    """The link is not an http or https address."""

    code = "bad_link"
    message = "This is not a web address: it must start with http:// or https://."
    field = "link"


def clean_handle(handle: str) -> str:
    """The handle as it is kept. BadHandle or ReservedHandle where nobody may have it."""
    if not re.fullmatch(HANDLE_PATTERN, handle):
        raise BadHandle
    if handle.lower() in RESERVED:
        raise ReservedHandle
    return handle


def clean_email(email: str) -> str:
    """The address, trimmed and with its domain in lower case. BadEmail if it is none."""
    email = email.strip()
    if len(email) > EMAIL_LENGTH or not is_storable(email):
        raise BadEmail
    try:
        validate_email(email)
    except ValidationError:
        raise BadEmail from None
    local, _, domain = email.rpartition("@")
    return f"{local}@{domain.lower()}"


def clean_name(name: str) -> str:
    """The name as it is kept: one line."""
    return _line(name, field="name", limit=NAME_LENGTH)


def clean_place(place: str) -> str:
    """The place as it is kept: one line."""
    return _line(place, field="place", limit=PLACE_LENGTH)


def clean_bio(bio: str) -> str:
    """The bio as it is kept: it may have several lines."""
    bio = bio.replace("\r\n", "\n").replace("\r", "\n")
    return _text(bio, field="bio", limit=BIO_LENGTH, allowed=frozenset("\n"))


def clean_link(link: str) -> str:
    """The link as it is kept, or nothing. BadLink for what is not an http or https address."""
    link = _line(link, field="link", limit=LINK_LENGTH)
    if not link:
        return ""
    try:
        _is_link(link)
    except ValidationError:
        raise BadLink from None
    return link


def is_storable(text: str) -> bool:
    """Whether Postgres can hold it: no NUL, and no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _line(text: str, *, field: str, limit: int) -> str:
    return _text(text, field=field, limit=limit, allowed=frozenset())


def _text(text: str, *, field: str, limit: int, allowed: frozenset[str]) -> str:
    """NFC, without surrounding space, at most `limit` code points. BadText names the field."""
    # Longer than this it cannot become short enough, and normalising costs.
    if len(text) > 4 * limit:
        raise BadText(f"At most {limit} characters.", field=field)
    if any(_is_forbidden(character) for character in text if character not in allowed):
        raise BadText("Control characters are not allowed.", field=field)
    text = unicodedata.normalize("NFC", text.strip())
    if len(text) > limit:
        raise BadText(f"At most {limit} characters.", field=field)
    return text


def _is_forbidden(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or character in BIDI_CONTROLS
        or character in BREAKS
    )
