"""Addresses of services, as people write them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def with_scheme(address: str) -> str:
    """Return an address with its scheme and without blanks and slashes at its end.

    Where none is given it is https, and http for this machine.
    """
    address = address.strip().rstrip("/")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", address):
        return address
    try:
        host = urlsplit(f"//{address}").hostname or ""
    except ValueError:  # half an IPv6 address: whoever checks addresses says so
        host = ""
    return f"{'http' if is_loopback(host) else 'https'}://{address}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
