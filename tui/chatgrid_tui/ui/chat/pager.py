"""Reading a text in the user's pager, in the whole terminal."""

from __future__ import annotations

import os
from functools import partial

from textual.app import App

from chatgrid_tui.text import clean
from chatgrid_tui.ui.terminal import editor


async def view_text(app: App[object], text: str) -> None:
    """Show a text in the pager, and wait until it is closed. Replies go on meanwhile.

    Raises:
        UsageProblem: there is no pager or no terminal, or the pager failed.
    """
    command = editor.pager_command(os.environ)
    await editor.view(clean(text), command, partial(editor.given_terminal, app, command, "The text"))
