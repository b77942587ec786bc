"""Conversations and files: export, import, and the transcript in the clipboard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.model.export_format import Format
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.terminal.clipboard import copy
from chatgrid_tui.ui.transcript.render.formats import counted

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.chat.dialogs.export_screen import Scope

FileTask: TypeAlias = Literal["export", "copy", "import"]
"""Export conversations, copy a transcript, import a file."""

_IMPORT_HELP: Final = "JSON of an export, conversations.json of ChatGPT or Claude or its zip, or the logs.db of llm."


class ConversationFiles:
    """Asks for a file, reads or writes it, and reports the result."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation

    def do(self, task: FileTask) -> None:
        """Do something with the conversation on the screen, or import others."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return
        match task:
            case "export":
                self.export([conversation.id] if conversation.id else [])
            case "copy":
                self._work.do(partial(self._copy, session, conversation), "copy")
            case "import":
                self._ask_import(session)
            case _:
                assert_never(task)

    def export(self, conversation_ids: Sequence[int]) -> None:
        """Offer to export these conversations, or all."""
        from chatgrid_tui.ui.chat.dialogs.export_screen import ExportScreen
        from chatgrid_tui.ui.chat.dialogs.new_file_form import file_stem

        session = self._navigation.session
        if session is None or lies_over(self._page.app, ExportScreen):
            return  # requested twice

        async def save(scope: Scope, format_: Format, path: Path) -> str:
            from chatgrid_tui.units import size

            ids = conversation_ids if scope == "chosen" else ()
            count, length = await session.transfers.save(ids, format_, path)
            return f"Exported {counted(count, 'conversation')} to {path.name}, {size(length)}, in {path.parent}."

        stamp = f"{session.clock.utc_now().astimezone():%Y%m%d-%H%M%S}"
        stems: dict[Scope, str] = {}
        if conversation_ids:
            row = session.index.get(conversation_ids[0]) if len(conversation_ids) == 1 else None
            stems["chosen"] = f"{file_stem('' if row is None else row.title, 'conversations')}-{stamp}"
        stems["all"] = f"conversations-{stamp}"
        self._page.app.push_screen(ExportScreen(self._page, stems, len(conversation_ids), save))

    def _ask_import(self, session: Session) -> None:
        from chatgrid_tui.ui.overlays.name_screen import NameScreen

        if lies_over(self._page.app, NameScreen):
            return  # requested twice
        imported = ""

        async def read(name: str) -> str:
            from chatgrid_tui.session.user_files import path_of

            nonlocal imported
            try:
                imported = await session.transfers.import_file(path_of(name))
            except ChatgridError as problem:
                return str(problem)
            if not screen.is_attached:
                report(imported)
            return ""

        report = self._page.notices.add
        screen = NameScreen(
            "Import conversations", asked="File", help_text=_IMPORT_HELP, verb="Import", make=read, report=report
        )
        self._page.app.push_screen(screen, lambda name: report(imported) if name is not None else None)

    async def _copy(self, session: Session, conversation: Conversation) -> None:
        if not conversation.id:
            self._page.toast("This conversation is empty.")
            return
        text = await session.transfers.text(conversation.id)
        self._page.toast(await copy(self._page.app, text, "the transcript"))
