"""Editing `config.toml` in the user's editor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from chatgrid_tui.disk import make_folder, write_new_file
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.providers.provider_editor import ProviderEditor
from chatgrid_tui.session.session import Session
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.terminal import editor


class ConfigurationFile:
    """Opens the configuration in an editor, and uses its providers then. Replies go on meanwhile."""

    def __init__(self, page: ChatPage, work: Work, show_changed: Callable[[], None]) -> None:
        """`show_changed` is called when the settings have changed."""
        self._page = page
        self._work = work
        self._show_changed = show_changed
        self._is_open = False

    def edit(self, session: Session) -> None:
        """Open the file in the editor."""
        if self._is_open:
            return
        try:
            command = editor.editor_command(os.environ)
        except UsageProblem as problem:
            self._page.notices.add(f"{problem} The configuration is {session.clients.paths.config_file}.")
            return
        self._is_open = True
        self._work.do(partial(self._edit, session, command), "configure", leads=True)

    async def _edit(self, session: Session, command: Sequence[str]) -> None:
        file = session.clients.paths.config_file
        try:
            await asyncio.to_thread(_make, file)
            await editor.edit_file(
                file, command, partial(editor.given_terminal, self._page.app, command, "The configuration")
            )
        finally:
            self._is_open = False
        await ProviderEditor(session).reload()
        self._show_changed()
        self._page.toast("The providers of config.toml are in use. Other settings apply at the next start.")


def _make(file: Path) -> None:
    """Make the file if there is none: it may have a key, so only the user can read it."""
    if not file.exists():
        try:
            make_folder(file.parent)
            write_new_file(file, b"")
        except OSError as problem:
            raise UsageProblem(f"{file} cannot be made: {problem.strerror}.") from problem
