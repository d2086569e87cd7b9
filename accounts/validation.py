"""What accounts may be called and may say about themselves. Knows values, not rows."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from accounts.models import HANDLE_PATTERN
from chirp.errors import ChirpError
from chirp.plain_text import clean_line, clean_lines, is_storable

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
    return clean_line(name, field="name", limit=NAME_LENGTH)


def clean_place(place: str) -> str:
    """The place as it is kept: one line."""
    return clean_line(place, field="place", limit=PLACE_LENGTH)


def clean_bio(bio: str) -> str:
    """The bio as it is stored. It may have several lines."""
    return clean_lines(bio, field="bio", limit=BIO_LENGTH)


def clean_link(link: str) -> str:
    """The link as it is kept, or nothing. BadLink for what is not an http or https address."""
    link = clean_line(link, field="link", limit=LINK_LENGTH)
    if not link:
        return ""
    try:
        _is_link(link)
    except ValidationError:
        raise BadLink from None
    return link
