"""Copy to the system's clipboard, to tmux's buffer, or through the terminal (OSC 52).

The terminal reaches the clipboard over ssh, but never reports whether it copied. The system's clipboard reports that,
but is on the machine on which this program runs. tmux and GNU screen do not pass on requests to the terminal.
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
"""The most bytes to send by OSC 52. Many terminals silently drop more."""
TMUX_TIMEOUT: Final = 2.0
_KEEP_BACK: Final = {"TMUX": "tmux", "STY": "GNU screen"}


async def copy(app: App[Result], text: str, what: str = "") -> str:
    """Copy `text`, cleaned, and return a sentence about the result. `what` names the text."""
    copied = f"Copied {what}" if what else "Copied"
    cleaned = await _cleaned(text)
    if not cleaned:
        return "There is nothing to copy."
    sent = shortened(cleaned, TERMINAL_LIMIT)
    app.copy_to_clipboard(sent)
    app._clipboard = cleaned  # for pasting within this app, without a limit
    if not _is_remote() and await asyncio.to_thread(_copy_to_system, cleaned):
        return f"{copied}."
    if os.environ.get("TMUX"):
        match await _copy_to_tmux(cleaned):
            case "passed on":
                return f"{copied} to tmux."
            case "kept":
                return f"{copied} to tmux only: this version cannot pass it on."
            case "failed":
                pass
    requested = what or "it"
    if sent != cleaned:
        requested = f"the first {len(sent):,} of {len(cleaned):,} characters"
    between = next((name for variable, name in _KEEP_BACK.items() if os.environ.get(variable)), "")
    return f"Asked the terminal to copy {requested}{f', but {between} may not pass that on' if between else ''}."


def selection_name(text: str) -> str:
    """Return a description of a selected text that is copied."""
    return f"the selection ({len(text):,} character{'' if len(text) == 1 else 's'})"


async def _cleaned(text: str) -> str:
    """Return `text` cleaned. A long text is cleaned line by line, with the same result, to block nothing."""
    mended = mend_surrogates(text).replace("\r\n", "\n")
    lines: list[str] = []
    await cooperatively(gathered((clean(line) for line in mended.split("\n")), lines))
    return "\n".join(lines)


def shortened(text: str, limit: int) -> str:
    """Return the start of `text` that fits in `limit` bytes of UTF-8, in whole characters."""
    encoded = text.encode("utf-8")
    return text if len(encoded) <= limit else encoded[:limit].decode("utf-8", "ignore")


def _copy_to_system(text: str) -> bool:
    """Copy `text` to the system's clipboard. Return False if there is none."""
    # Imported late, since importing it searches for the system's tools.
    import pyperclip

    try:
        pyperclip.copy(text)
    except (pyperclip.PyperclipException, OSError):
        return False
    return True


async def _copy_to_tmux(text: str) -> Literal["passed on", "kept", "failed"]:
    """Copy `text` to tmux, and through tmux to the terminal, which versions before 3.2 cannot."""
    if await _load_buffer("-w", text=text):
        return "passed on"
    return "kept" if await _load_buffer(text=text) else "failed"


async def _load_buffer(*options: str, text: str) -> bool:
    """Copy `text` to tmux's buffer. Return whether tmux did that in time."""
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
    """Return whether the screen is on another machine, so that this machine's clipboard is not the user's."""
    return any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
