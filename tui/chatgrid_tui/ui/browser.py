"""Open links: only http and https, and only addresses that show plainly where they lead."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser

from chatgrid_tui.markdown.links import host_of


def is_safe_link(url: str) -> bool:
    """Return whether `url` may be opened, or given to the terminal as a link."""
    return bool(host_of(url))


async def open_link(url: str) -> bool:
    """Open `url`, unchanged, in the user's browser. Return whether that was possible.

    No shell is involved. Return False as well if the only browser would draw over this screen.
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
    """Return whether a browser would open a window. Without a display, Python falls back to lynx and the like."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
