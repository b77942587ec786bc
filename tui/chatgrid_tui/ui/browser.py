"""Opening links: http and https only, and only addresses that say plainly where they lead."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import webbrowser
from urllib.parse import urlsplit

_LONGEST = 2_000
"""Bytes of an address that a browser is asked to open; longer ones are no links people click."""

_UNSAFE = re.compile("[\x00-\x20\x7f-\xa0\\\\\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Controls and blanks, the backslash (browsers read it as a slash), and what is invisible or runs backwards."""

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_IPV6 = re.compile(r"[0-9a-f:.]+")


def host_of(url: str) -> str:
    """Return the host that a browser would go to, as it stands in the name system (`xn--…`).

    Empty where the address is not one to open: another scheme, a name or password before the host, controls,
    blanks, backslashes, or a host that is none.
    """
    if len(url) > _LONGEST or _UNSAFE.search(url) or not url.lower().startswith(("https://", "http://")):
        return ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # asking for the port raises where it is none
    except ValueError:
        return ""
    if "@" in parts.netloc or not host:
        return ""
    if ":" in host:
        return host if _IPV6.fullmatch(host) else ""
    try:
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def is_safe_link(url: str) -> bool:
    """Whether `url` may be opened, or given to the terminal as a link."""
    return bool(host_of(url))


async def open_link(url: str) -> bool:
    """Open `url`, unchanged, in the person's browser; whether that was possible.

    No shell is involved. False as well where the only browser would draw over this screen.
    """
    if not is_safe_link(url) or not _has_screen_of_its_own():
        return False
    return await asyncio.to_thread(_open, url)


def _open(url: str) -> bool:
    try:
        return webbrowser.get().open(url, new=2)
    except (webbrowser.Error, OSError):
        return False


def _has_screen_of_its_own() -> bool:
    """Whether a browser would open a window: without a display Python falls back on lynx and the like."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
