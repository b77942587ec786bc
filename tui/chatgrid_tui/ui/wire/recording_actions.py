"""Actions on the recording of a reply: save it to a file, and keep it in the history."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.overlays.overlay import lies_over

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.engine.recording import Recording
    from chatgrid_tui.session.session import Session

RecordingTask: TypeAlias = Literal["save_recording", "keep_recording"]
"""Save the recording to a file; keep it in the history, or release it."""


class RecordingActions:
    """Performs an action on the recording of a reply, and reports the result."""

    def __init__(self, page: Page, work: Work) -> None:
        self._page = page
        self._work = work

    def do(self, task: RecordingTask, session: Session, conversation: Conversation, reply: Reply) -> None:
        """Perform an action on the recording of a reply."""
        turn = next((turn for turn in conversation.turns if reply in turn.replies), None)
        if turn is not None:
            doing = partial(self._do, task, session, conversation, turn, reply)
            self._work.do(doing, "recording", leads=task == "save_recording")

    async def _do(
        self, task: RecordingTask, session: Session, conversation: Conversation, turn: Turn, reply: Reply
    ) -> None:
        try:
            await _recordings(session, conversation, turn, reply)
            match task:
                case "save_recording":
                    self._ask_name(session, conversation, turn, reply)
                case "keep_recording":
                    kept = not reply.recording_kept
                    await session.keep_recording(conversation, turn, reply, kept)
                    self._page.toast("This recording is kept." if kept else "This recording is no longer kept.")
                case _:
                    assert_never(task)
        except UsageProblem as problem:
            self._page.toast(str(problem))

    def _ask_name(self, session: Session, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Ask for a file name until the recording is saved. Entering the same name twice replaces the file."""
        from chatgrid_tui.session.user_files import current_folder
        from chatgrid_tui.ui.overlays.name_screen import NameScreen

        if lies_over(self._page.app, NameScreen):
            return  # requested twice
        existing: Path | None = None
        saved = ""

        async def save(name: str) -> str:
            # Imported late, as the first frame does not need it.
            from chatgrid_tui.session.saved_recordings import save_recordings
            from chatgrid_tui.session.user_files import FileExists, path_of, shown_path
            from chatgrid_tui.units import size as data_size

            nonlocal existing, saved
            try:
                path = path_of(name)
                recordings = await _recordings(session, conversation, turn, reply)
                replace = path == existing
                existing = path
                size = await asyncio.to_thread(partial(save_recordings, path, recordings, replace=replace))
            except FileExists:
                return f"{path.name} already exists. Press Enter again to replace it."
            except ChatgridError as problem:
                existing = None
                return str(problem)
            saved = f"Saved {data_size(size)} in {shown_path(path)}."
            return ""

        name = f"chatgrid-recording-{reply.started_at.astimezone():%Y-%m-%d-%H%M}.jsonl"
        folder = f"In {place}. " if (place := current_folder()) else ""
        help_text = f"{folder}A name ending in .har saves a HAR file, which browsers can open."
        screen = NameScreen("Save recording", name, help_text=help_text, make=save, report=self._page.notices.add)
        self._page.app.push_screen(screen, lambda name: self._page.toast(saved) if name is not None else None)


async def _recordings(
    session: Session, conversation: Conversation, turn: Turn, reply: Reply
) -> tuple[Recording, ...]:
    """Return the recordings of a reply.

    Raises:
        UsageProblem: there are none.
    """
    from chatgrid_tui.session.details import why_not_recorded

    recordings = (await session.wire_facts(conversation, reply)).recordings
    if not recordings:
        raise UsageProblem(why_not_recorded(turn, reply))
    return recordings
