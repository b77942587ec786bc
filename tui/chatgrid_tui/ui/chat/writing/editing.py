"""Writing a message in the user's editor."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation


class Editing:
    """Opens the message in an editor, and takes back what it saved. Replies go on meanwhile."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation
        self._is_open = False

    def edit(self) -> None:
        """Open the message in the editor."""
        from chatgrid_tui.ui.terminal.editor import editor_command

        conversation = self._navigation.conversation
        if conversation is None or self._is_open:
            return
        try:
            command = editor_command(os.environ)
        except UsageProblem as problem:
            self._page.notices.add(str(problem))
            return
        self._is_open = True
        self._work.do(partial(self._edit, conversation, command), "editor", leads=True)

    async def _edit(self, conversation: Conversation, command: Sequence[str]) -> None:
        from chatgrid_tui.ui.terminal.editor import edit, given_terminal

        before = self._page.composer.text
        try:
            saved = await edit(before, command, partial(given_terminal, self._page.app, command, "The message"))
        finally:
            self._is_open = False
        session = self._navigation.session
        if conversation is self._navigation.conversation:
            self._put(before, saved)
        elif session is not None:
            await session.save_draft(conversation, _with(saved, before, conversation.draft))

    def _put(self, before: str, saved: str) -> None:
        """Replace the text `before` in the composer. What was typed until the editor was open follows."""
        composer = self._page.composer
        whole = _with(saved, before, composer.text)
        if whole != composer.text:
            composer.clear()
            composer.paste(whole)


def _with(saved: str, before: str, now: str) -> str:
    """Return `now` with what was saved in place of the text `before`."""
    if before and before in now:
        return now.replace(before, saved, 1)
    return f"{saved}\n{now}" if now else saved
