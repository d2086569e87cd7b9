"""The IP address of a client, and the networks that limits count it by."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

# One customer has all addresses of a /64, and often all 256 of these networks in a /56.
IPV6_NETWORK_BITS = (64, 56)


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's address from a WSGI environment, as trusted proxies report it.

    Without a valid address there, what the server put into REMOTE_ADDR, which may be empty.
    """
    direct, forwarded = meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", "")
    return _client_address(direct, forwarded, settings.TRUSTED_PROXIES)


@lru_cache(maxsize=1024)  # every request asks three times
def _client_address(direct: str, forwarded: str, trusted: int) -> str:
    hops = forwarded.split(",")
    # Each proxy appends the address of its client. Entries further left can be forged.
    reported = hops[max(len(hops) - trusted, 0)] if trusted else ""
    return str(_parsed(reported) or _parsed(direct) or direct)


def networks(address: str) -> list[str]:
    """The networks to count a client by, the narrowest first.

    For IPv4 that is the address itself, for IPv6 its /64 and its /56. Anything else is its own
    network, so that clients without an address share one.
    """
    ip = _parsed(address)
    if not isinstance(ip, ipaddress.IPv6Address):
        return [str(ip or address)]
    return [
        str(ipaddress.ip_network((ip.packed, bits), strict=False)) for bits in IPV6_NETWORK_BITS
    ]


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        # Without the scope of a link-local address, which can be any text.
        ip = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    return (ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None) or ip
