"""The address of a client, for limits and for the log."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings

IPV6_NETWORK_BITS = 64


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's address in a WSGI environment, as trusted proxies report it.

    An IPv6 address becomes its /64 network, which is what one customer has.
    """
    direct: str = meta.get("REMOTE_ADDR", "")
    hops = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    # Each proxy appends whom it heard from. What stands further left anybody can have written.
    told = hops[max(len(hops) - trusted, 0)] if trusted else ""
    return _network(told) or _network(direct) or direct


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
