"""Which addresses are requested that strangers name: URLs in one form, public IP addresses only.

Imports no Django.
"""

import ipaddress
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from chirp.web_hosts import ascii_host

URL_LENGTH = 2000
PORTS = {"http": 80, "https": 443}
# Everything that may stand in a URL; the rest is quoted. A "%" is taken for a quote already made.
_SAFE = "!$%&'()*+,-./:;=?@_~[]|"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_GLOBAL_6 = ipaddress.ip_network("2000::/3")
# What lies in public ranges and leads elsewhere all the same. `is_global` does not know all of it
# in every version of Python.
_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and metadata of Alibaba Cloud
        "168.63.129.16/32",  # metadata of Azure
        "192.0.0.0/24",  # metadata of Oracle Cloud, among others
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # Teredo, ORCHID and other special purposes
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address is within
        "3fff::/20",
    )
]


def normalized(url: str, *, base: str = "") -> str | None:
    """Return the URL in the one form that is fetched, or None if it cannot be fetched.

    Relative URLs are relative to `base`. The fragment is dropped: it names a part of the page. A
    port is kept unless it is the usual one.
    """
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), ascii_host(parts.hostname or "")
    if scheme not in PORTS or host is None or "@" in parts.netloc:
        return None
    netloc = host if port in (None, PORTS[scheme]) else f"{host}:{port}"
    try:
        path, query = (quote(part, safe=_SAFE) for part in (parts.path or "/", parts.query))
    except UnicodeError:
        return None
    whole = urlunsplit((scheme, netloc, path, query, ""))
    return whole if len(whole) <= URL_LENGTH else None


def host_of(url: str) -> str:
    """Return the host of a normalized URL."""
    return urlsplit(url).hostname or ""


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the public internet, and leads nowhere else.

    That is no private network, this machine, link, or multicast, no address of cloud metadata, and
    no IPv6 address with an IPv4 address in it.
    """
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if address.version == 6 and address not in _GLOBAL_6:
        return False  # mapped and translated (NAT64) IPv4 addresses among them
    return not any(address in network for network in _REFUSED)
