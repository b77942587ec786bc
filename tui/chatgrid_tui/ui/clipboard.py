"""Copying. Two ways at once: the terminal's own clipboard (OSC 52) and the system's, and honest words after.

OSC 52 reaches over ssh, but nobody answers whether it worked; pyperclip knows, but copies on the machine this
program runs on.
"""

from __future__ import annotations

import asyncio
import os
from typing import TypeVar

from textual.app import App

from chatgrid_tui.session.slices import gathered, in_slices
from chatgrid_tui.text import clean, mend_surrogates

Result = TypeVar("Result")

TERMINAL_LIMIT = 100_000
"""Bytes sent by OSC 52. Many terminals drop a longer one silently."""


async def copy(app: App[Result], text: str) -> str:
    """Copy `text`, cleaned, and return the words that say how far it got."""
    wanted = await _cleaned(text)
    if not wanted:
        return "There is nothing to copy."
    sent = shortened(wanted, TERMINAL_LIMIT)
    app.copy_to_clipboard(sent)
    if not _far_away() and await asyncio.to_thread(_copy_to_system, wanted):
        return "Copied."
    if sent != wanted:
        return f"Sent the first {len(sent):,} of {len(wanted):,} characters to the terminal's clipboard."
    return "Sent to the terminal's clipboard."


async def _cleaned(text: str) -> str:
    """Return `text` cleaned. A long one is cleaned line by line, which comes to the same and holds nothing up."""
    mended = mend_surrogates(text).replace("\r\n", "\n")
    lines: list[str] = []
    await in_slices(gathered((clean(line) for line in mended.split("\n")), lines))
    return "\n".join(lines)


def shortened(text: str, limit: int) -> str:
    """Return as much of the beginning of `text` as fits in `limit` bytes of UTF-8, whole characters only."""
    encoded = text.encode("utf-8")
    return text if len(encoded) <= limit else encoded[:limit].decode("utf-8", "ignore")


def _copy_to_system(text: str) -> bool:
    """Give `text` to the system's clipboard; False where there is none."""
    # Imported late: it looks for the system's tools as it is imported.
    import pyperclip

    try:
        pyperclip.copy(text)
    except (pyperclip.PyperclipException, OSError):
        return False
    return True


def _far_away() -> bool:
    """Whether the screen is on another machine, so that this one's clipboard is not the person's."""
    return any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
