"""Redirect URIs of apps: which are accepted, and where they lead. No Django.

Apps on phones have schemes of their own, such as `icecubesapp://` and
`com.tapbots.Ivory.10217:/request_token`. So a URI is compared as a string, and a target is the
registered string with parameters: to take such a URI apart and put it together again changes it.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"  # the app shows a field for the code
MAX_LENGTH = 2000
_ABSOLUTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.ASCII | re.DOTALL)
# Schemes that run or show something in a browser in place of opening an app.
_FORBIDDEN = frozenset(
    ("javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source")
)


def is_acceptable(uri: str) -> bool:
    """Return whether an app may register this URI: absolute, without a fragment, not dangerous."""
    match = _ABSOLUTE.fullmatch(uri)
    if match is None or len(uri) > MAX_LENGTH or "#" in uri or not _is_plain(uri):
        return False
    scheme = match[1].lower()
    if scheme in ("http", "https"):
        return _has_host(uri)
    return scheme not in _FORBIDDEN and (scheme != "urn" or uri == OUT_OF_BAND)


def _is_plain(uri: str) -> bool:
    return uri.isascii() and not any(c <= " " or c in '"<>\\^`{|}\x7f' for c in uri)


def _has_host(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def scheme(uri: str) -> str:
    """Return the scheme of an accepted URI, in lower case."""
    return uri.partition(":")[0].lower()


def target(uri: str, parameters: Mapping[str, str]) -> str:
    """Return an accepted URI with parameters."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"


def form_action(uri: str) -> str:
    """Return the source for the Content-Security-Policy that lets a form lead to this URI."""
    if scheme(uri) not in ("http", "https"):
        return f"{scheme(uri)}:"
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
