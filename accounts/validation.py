"""Clean and validate handles, e-mail addresses and profile fields. Does not read the database."""

import re
import string
import unicodedata
from urllib.parse import urlsplit

import idna
import regex
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from chirp import hooks, languages
from chirp.errors import ChirpError
from chirp.plain_text import INVISIBLE, clean_line, clean_lines, is_storable
from chirp.texts import text as _
from chirp.times import time_zone_names
from chirp.web_hosts import ascii_host

HANDLE_PATTERN = r"^[A-Za-z0-9_]{1,30}$"
NAME_LENGTH = 50
BIO_LENGTH = 500
PLACE_LENGTH = 100
LINK_LENGTH = 200
EMAIL_LENGTH = 254
PASSWORD_LENGTH = 1000  # longer than anyone types; hashing longer input would waste time

# Names that people would take for an account of the site's operators.
OFFICIAL = frozenset(
    {
        *("abuse", "admin", "administrator", "administrators", "admins", "chirp", "contact"),
        *("help", "helpdesk", "hostmaster", "info", "legal", "mailerdaemon", "mod", "moderation"),
        *("moderator", "moderators", "mods", "noreply", "official", "operations", "postmaster"),
        *("privacy", "root", "safety", "security", "staff", "superuser", "support", "sysadmin"),
        *("system", "team", "verified", "webmaster"),
    }
)
SITE = "chirp"
# Digits that stand for letters: adm1n, r00t.
LOOKALIKES = str.maketrans("013457", "oieast")
# First path segments of the site and the API, present and planned, and the names above.
RESERVED = OFFICIAL | frozenset(
    {
        *("about", "admin", "api", "auth", "bookmarks", "chirp", "compose", "conversations"),
        *("design", "docs", "drafts", "explore", "export", "filters", "hashtag", "hashtags"),
        *("healthz", "help", "home", "language", "lists", "offline"),
        *(
            "login",
            "logout",
            "markers",
            "me",
            "media",
            "metrics",
            "nearby",
            "notifications",
            "oauth",
        ),
        *("polls", "readyz", "register", "root", "scheduled", "schema", "search", "settings"),
        *("static", "status", "stream", "suggestions", "support", "tags", "threads", "timelines"),
        *(
            "announcements",
            "invitations",
            "reports",
            "rules",
            "site",
            "terms",
            "trends",
            "tweets",
            "users",
            "v1",
            "v2",
        ),
        *("authorize_interaction", "nodeinfo", "oembed", "share", "web"),
    }
)
# Joiners are part of the spelling in some languages. Anything else that cannot be seen hides where
# a link leads.
_HIDDEN = regex.compile(rf"(?![\u200C\u200D])[{INVISIBLE}]")
_validate_url = URLValidator(schemes=["http", "https"])


class BadHandle(ChirpError):
    """The handle is too long, or has characters that are not allowed."""

    code = "bad_handle"
    message = _("Handles have 1 to 30 letters (a to z), digits and underscores.")
    field = "handle"


class ReservedHandle(ChirpError):
    """The handle is reserved."""

    code = "reserved_handle"
    message = _("This handle is reserved.")
    field = "handle"


class BadEmail(ChirpError):
    """The text is not a valid e-mail address."""

    code = "bad_email"
    message = _("This is not an e-mail address.")
    field = "email"


class BadLink(ChirpError):
    """The link is not an http or https URL."""

    code = "bad_link"
    message = _("This is not a web address: it must start with http:// or https://.")
    field = "link"


class BadTimeZone(ChirpError):
    """There is no time zone of this name."""

    code = "bad_time_zone"
    message = _("There is no time zone of this name.")
    field = "time_zone"


class BadLanguage(ChirpError):
    """The site has no such language."""

    code = "bad_language"
    message = _("The site does not have this language.")
    field = "language"


def clean_handle(handle: str) -> str:
    """Return the handle as it is stored. Raises BadHandle or ReservedHandle."""
    if not re.fullmatch(HANDLE_PATTERN, handle):
        raise BadHandle
    if is_reserved(handle):
        raise ReservedHandle
    return handle


def is_reserved(handle: str) -> bool:
    """Whether the handle is in RESERVED, or looks like a name in OFFICIAL.

    Underscores anywhere, digits at the ends, digits that stand for letters, and the name of the
    site before or after do not make another name: _admin, mod_1, adm1n, chirp_support.
    """
    handle = handle.lower()
    name = handle.replace("_", "")
    # Which digits are decoration and which are letters is ambiguous: 5ecurity, 5admin.
    looks = {text.translate(LOOKALIKES) for text in (name, name.strip(string.digits))}
    looks |= {name.strip(string.digits), name.rstrip(string.digits).translate(LOOKALIKES)}
    looks |= {look.removeprefix(SITE).removesuffix(SITE) or SITE for look in looks if look}
    return handle in RESERVED or not OFFICIAL.isdisjoint(looks)


def clean_email(email: str) -> str:
    """Return the address as it is stored: see `canonical_email`. Raises BadEmail."""
    if len(email) > 2 * EMAIL_LENGTH or not is_storable(email):
        raise BadEmail
    email = canonical_email(email)
    # A domain that is not in ASCII by now cannot be a real one.
    if len(email) > EMAIL_LENGTH or not email.rpartition("@")[2].isascii():
        raise BadEmail
    try:
        validate_email(email)
    except ValidationError:
        raise BadEmail from None
    return email


def canonical_email(email: str) -> str:
    """Return an address in one form, whichever way it was typed. It need not be a valid one.

    The domain is in lower case and in ASCII: bücher.example becomes xn--bcher-kva.example. The
    local part keeps its case, in NFC.
    """
    local, at, domain = email.strip().rpartition("@")
    return f"{unicodedata.normalize('NFC', local)}{at}{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    # Before anything that takes long for a long text.
    if len(domain) > EMAIL_LENGTH:
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError:  # also for an IP address in brackets
        return domain.lower()


def canonical_login(login: str) -> str:
    """Return a handle or an e-mail address in one form, whichever way it was typed."""
    login = login.strip()
    if is_email(login):
        return canonical_email(login).lower()
    return login.removeprefix("@").lower()


def is_email(login: str) -> bool:
    """Whether a login is an e-mail address, not a handle, which may have an @ in front."""
    return "@" in login.removeprefix("@")


def clean_name(name: str) -> str:
    """Return the name as it is stored: one line. Raises BadText, and what the hook refuses with."""
    name = clean_line(name, field="name", limit=NAME_LENGTH)
    hooks.run("account.naming", text=name, field="name")
    return name


def clean_place(place: str) -> str:
    """Return the place as it is stored: one line. Raises BadText."""
    return clean_line(place, field="place", limit=PLACE_LENGTH)


def clean_bio(bio: str) -> str:
    """Return the bio as it is stored. It may have several lines. Raises BadText."""
    return clean_lines(bio, field="bio", limit=BIO_LENGTH)


def clean_time_zone(name: str) -> str:
    """Return the name of a time zone, or "". Raises BadTimeZone."""
    if name and name not in time_zone_names():
        raise BadTimeZone
    return name


def clean_language(code: str) -> str:
    """Return the code of a language of the site, or "". Raises BadLanguage."""
    if code and not languages.known(code):
        raise BadLanguage
    return code


def clean_link(link: str) -> str:
    """Return the link as it is stored, with its host in ASCII, or "". Raises BadText or BadLink."""
    link = clean_line(link, field="link", limit=LINK_LENGTH)
    if not link:
        return ""
    if _HIDDEN.search(link):
        raise BadLink(_("A link may not have spaces or invisible characters."))
    link = _with_ascii_host(link)
    try:
        _validate_url(link)
    except ValidationError:
        raise BadLink from None
    return clean_line(link, field="link", limit=LINK_LENGTH)  # ASCII may take more characters


def _with_ascii_host(link: str) -> str:
    """Return the link with its host in ASCII: what is displayed is what a browser opens.

    Raises BadLink.
    """
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        raise BadLink from None
    if "@" in parts.netloc:
        raise BadLink(_("A link may not have a user name or password before the site's name."))
    host = ascii_host(parts.hostname or "")
    if parts.scheme not in ("http", "https") or host is None or "\\" in link:
        raise BadLink
    return parts._replace(netloc=host if port is None else f"{host}:{port}").geturl()
