"""The IP address of a client, for rate limits."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings

IPV6_NETWORK_BITS = 64


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's address from a WSGI environment, as trusted proxies report it.

    An IPv6 address becomes its /64 network, because one customer has all addresses in it.
    """
    direct: str = meta.get("REMOTE_ADDR", "")
    hops = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    # Each proxy appends the address of its client. Entries further left can be forged.
    reported = hops[max(len(hops) - trusted, 0)] if trusted else ""
    return _network(reported) or _network(direct) or direct


def _network(address: str) -> str | None:
    try:
        ip = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip.packed, IPV6_NETWORK_BITS), strict=False))
    return str(ip)
