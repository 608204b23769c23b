"""Where an address leads, and whether that is the open internet."""

import ipaddress
from urllib.parse import urlsplit

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that the open internet uses; what lies beside it may lead into somebody's own network."""

Origin = tuple[str, int]
"""A host and a port."""


def origin(url: str) -> Origin:
    """Where an address leads."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped:
            return is_public(str(wrapped))
        return ip in GIVEN_OUT and ip.is_global
    return ip.is_global and not ip.is_multicast
