"""Where an address leads, and whether that is the open internet."""

import ipaddress
from urllib.parse import urlsplit

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that the open internet uses; what lies beside it may lead into somebody's own network."""
OF_CLOUDS = {
    ipaddress.ip_address(each)
    for each in (
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
    )
}
"""Where clouds tell a machine its own secrets; one of them looks like the open internet."""

Origin = tuple[str, int]
"""A host and a port."""


def origin(url: str) -> Origin:
    """Where an address leads."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped in."""
    ip = _unwrapped(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in GIVEN_OUT and ip.is_global
    return ip.is_global and not ip.is_multicast and ip not in OF_CLOUDS


def tells_secrets(address: str) -> bool:
    """Whether a cloud tells a machine its own secrets there, whatever it is wrapped in."""
    return _unwrapped(address) in OF_CLOUDS


def _unwrapped(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
