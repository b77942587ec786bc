"""Addresses of services as users type them."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit


def with_scheme(address: str) -> str:
    """Return an address with a scheme, stripped, and without a trailing slash unless it has a query.

    The default scheme is https, or http for this machine.
    """
    address = address.strip()
    address = address if "?" in address else address.rstrip("/")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", address):
        return address
    try:
        host = urlsplit(f"//{address}").hostname or ""
    except ValueError:  # half an IPv6 address, which is reported elsewhere
        host = ""
    return f"{'http' if is_loopback(host) else 'https'}://{address}"


def is_loopback(host: str) -> bool:
    """Return whether the name of a host means this machine."""
    host = host.lower().removesuffix(".")
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
