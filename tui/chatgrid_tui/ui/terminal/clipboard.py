"""Copying: to the system's clipboard, to tmux's buffer, or by asking the terminal (OSC 52).

The terminal reaches the clipboard over ssh, but never answers whether it copied. The system's clipboard answers, but
is that of the machine this program runs on. tmux and GNU screen keep back what is asked of the terminal.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final, Literal, TypeVar

from textual.app import App

from chatgrid_tui.session.tasks import cooperatively, gathered
from chatgrid_tui.text import clean, mend_surrogates

Result = TypeVar("Result")

TERMINAL_LIMIT: Final = 100_000
"""Bytes sent by OSC 52. Many terminals drop a longer one silently."""
TMUX_TIMEOUT: Final = 2.0
_KEEP_BACK: Final = {"TMUX": "tmux", "STY": "GNU screen"}


async def copy(app: App[Result], text: str, what: str = "") -> str:
    """Copy `text`, cleaned, and return a sentence that says what is known of it. `what` names the text."""
    copied = f"Copied {what}" if what else "Copied"
    cleaned = await _cleaned(text)
    if not cleaned:
        return "There is nothing to copy."
    sent = shortened(cleaned, TERMINAL_LIMIT)
    app.copy_to_clipboard(sent)
    app._clipboard = cleaned  # pasted into this app, it is whole
    if not _is_remote() and await asyncio.to_thread(_copy_to_system, cleaned):
        return f"{copied}."
    if os.environ.get("TMUX"):
        match await _copy_to_tmux(cleaned):
            case "passed on":
                return f"{copied} to tmux."
            case "kept":
                return f"{copied} to tmux alone: this version cannot pass it on."
            case "failed":
                pass
    asked = what or "it"
    if sent != cleaned:
        asked = f"the first {len(sent):,} of {len(cleaned):,} characters"
    between = next((name for variable, name in _KEEP_BACK.items() if os.environ.get(variable)), "")
    return f"Asked the terminal to copy {asked}{f', but {between} may not pass that on' if between else ''}."


def selection_name(text: str) -> str:
    """Return what to call a selected text that is copied."""
    return f"the selection ({len(text):,} character{'' if len(text) == 1 else 's'})"


async def _cleaned(text: str) -> str:
    """Return `text` cleaned. A long one is cleaned line by line, which comes to the same and holds nothing up."""
    mended = mend_surrogates(text).replace("\r\n", "\n")
    lines: list[str] = []
    await cooperatively(gathered((clean(line) for line in mended.split("\n")), lines))
    return "\n".join(lines)


def shortened(text: str, limit: int) -> str:
    """Return as much of the beginning of `text` as fits in `limit` bytes of UTF-8, whole characters only."""
    encoded = text.encode("utf-8")
    return text if len(encoded) <= limit else encoded[:limit].decode("utf-8", "ignore")


def _copy_to_system(text: str) -> bool:
    """Give `text` to the system's clipboard; return False if there is none."""
    # Imported late: it looks for the system's tools as it is imported.
    import pyperclip

    try:
        pyperclip.copy(text)
    except (pyperclip.PyperclipException, OSError):
        return False
    return True


async def _copy_to_tmux(text: str) -> Literal["passed on", "kept", "failed"]:
    """Give `text` to tmux, and through it to the terminal, which versions before 3.2 cannot."""
    if await _load_buffer("-w", text=text):
        return "passed on"
    return "kept" if await _load_buffer(text=text) else "failed"


async def _load_buffer(*options: str, text: str) -> bool:
    """Put `text` into tmux's buffer; return whether tmux did so in time."""
    nowhere = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", *options, "-"), stdin=asyncio.subprocess.PIPE, stdout=nowhere, stderr=nowhere
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(text.encode()), TMUX_TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
    return process.returncode == 0


def _is_remote() -> bool:
    """Return whether the screen is on another machine, so that this one's clipboard is not the person's."""
    return any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
