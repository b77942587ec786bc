"""Put the text of a file into the message."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.user_files import path_of, read_user_file
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from chatgrid_tui.ui.overlays.overlay import lies_over

_LARGEST: Final = 1 << 20
_HELP: Final = "At most 1 MiB, put at the cursor. Nothing is sent yet."


def offer_text_file(page: ChatPage) -> None:
    """Ask for a file, and insert its text at the cursor of the message."""
    if lies_over(page.app, NameScreen):
        return  # requested twice
    text = ""

    async def read(name: str) -> str:
        nonlocal text
        try:
            text = await asyncio.to_thread(_text_of, path_of(name))
        except UsageProblem as problem:
            return str(problem)
        return ""

    screen = NameScreen("Insert text file", asked="File", help_text=_HELP, verb="Insert", make=read)
    page.app.push_screen(screen, lambda name: page.composer.paste(text) if name is not None else None)


def _text_of(path: Path) -> str:
    try:
        text = read_user_file(path, _LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageProblem(f"{path} is not text in UTF-8.")
    if not text:
        raise UsageProblem(f"{path} is empty.")
    return text
