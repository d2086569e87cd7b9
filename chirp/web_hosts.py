"""Host names of web addresses, in the one form that cannot be mistaken. Imports no Django.

A name in another script is converted to its ASCII form (`xn--...`), for what is displayed as well
as for what is opened: `аpple.com` with a Cyrillic letter is `xn--pple-43d.com`.
"""

import re

import idna

MAX_HOST = 253  # the limit of the domain name system

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
# Names below a domain may have underscores; the domain itself may not.
_HOST = re.compile(rf"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*{_LABEL}\.{_LABEL}")


def ascii_host(host: str) -> str | None:
    """Return the host in lower case and in its ASCII form, or None if it is not a valid name.

    A valid name has a dot and no more than MAX_HOST characters.
    """
    if len(host) > MAX_HOST:
        return None
    try:
        name = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()
    except UnicodeError:
        return None
    return name if _HOST.fullmatch(name) else None
