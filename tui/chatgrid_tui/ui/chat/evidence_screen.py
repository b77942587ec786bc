"""Saves the evidence of a reply: the dialog for the file name, and the picture of the screen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.console import Console
from rich.segment import Segment, Segments
from textual import on
from textual.strip import Strip
from textual.widgets import Button, Input

from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.user_files import check_new_file, current_folder, path_of
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.form.fields import LineField, LinesField
from chatgrid_tui.ui.form.form_screen import FormScreen
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import OverlayButton, lies_over
from chatgrid_tui.ui.widgets.cells import is_tall
from chatgrid_tui.units import size as data_size

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_NOTE_ROWS: Final = 6
_REMOTE_FONT: Final = re.compile(r"@font-face\s*\{[^}]*\}")
_NOT_IN_NAMES: Final = re.compile(r"[^\w.-]+")
_LONGEST_NAME: Final = 40

Save: TypeAlias = Callable[[Path, str], Awaitable[str]]
"""Saves the evidence, with a note, to a path, and returns an error as a sentence; empty if it was saved."""


class EvidenceScreen(FormScreen[Path]):
    """Asks for a file name and a note, and returns the path of the file once it is saved."""

    def __init__(self, name: str, save: Save) -> None:
        self._file_field, self._note_field = LineField(), LinesField()
        folder = current_folder()
        self._usual_name, self._help = name, f"A new zip file in {folder}" if folder else "A new zip file"
        self._save = save
        self._busy = self._forgotten = False
        super().__init__(
            "Save evidence",
            "keys are masked",
            [
                FormRow("file", "File", self._file_field, self._help),
                FormRow("note", "Note", self._note_field, "Optional: what is wrong here"),
            ],
            [OverlayButton("Save", key="Ctrl+S", id="save"), OverlayButton("Cancel", key="Esc", id="cancel")],
        )

    def on_mount(self) -> None:
        """Focus the note: the file name has a default."""
        self._note_field.styles.height = _NOTE_ROWS // (1 if is_tall(self) else 2)
        self._file_field.put(self._usual_name)
        self._note_field.focus()

    def action_save(self) -> None:
        """Save, unless the file cannot be written."""
        if self._busy:
            return
        try:
            path = path_of(self._file_field.value.strip())
            check_new_file(path)
        except UsageProblem as problem:
            self._refuse(str(problem))
            return
        self._busy = True
        self.rows["file"].show(self._help)
        self.show_message("Saving")
        self.app.run_worker(self._try(path), group="evidence", exit_on_error=True)

    async def _try(self, path: Path) -> None:
        problem = await self._save(path, self._note_field.value)
        self._busy = False
        if self.is_attached:
            self.show_message("")
            if problem:
                self._refuse(problem)
            else:
                self.forget()
                self.dismiss(path)

    def _refuse(self, problem: str) -> None:
        self.rows["file"].show(self._help, problem)
        self._file_field.focus()

    @property
    def touched(self) -> bool:
        """Whether there is an unsaved note."""
        return bool(self._note_field.value.strip()) and not self._forgotten

    def forget(self) -> None:
        """Treat the note as saved."""
        self._forgotten = True

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Perform the action of the button."""
        event.stop()
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_close()

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Remove the error about the name."""
        event.stop()
        if event.row.row_name == "file":
            event.row.show(self._help)

    @on(Input.Submitted)
    def _enter_in_name(self, event: Input.Submitted) -> None:
        event.stop()
        event.prevent_default()  # it would move to the next field
        self.action_save()


async def offer_evidence(
    page: ChatPage, session: Session, conversation: Conversation, turn: Turn, reply: Reply
) -> None:
    """Ask where to save the evidence of a reply, and save it. The picture shows the current screen.

    Raises:
        StorageProblem: the recording cannot be read.
    """
    from chatgrid_tui.session.details import why_not_recorded

    app = page.app
    strips, size = app.screen._compositor.render_strips(), app.size
    if not (await session.wire_facts(conversation, reply)).recordings:
        page.toast(why_not_recorded(turn, reply))
        return
    if lies_over(app, EvidenceScreen):
        return  # requested twice
    length = 0

    async def save(path: Path, note: str) -> str:
        # Imported late: the export, the Markdown of the transcript, and the zip.
        from chatgrid_tui.session.evidence.contents import Screen, save_evidence

        nonlocal length
        screen = Screen(await asyncio.to_thread(_picture, strips, size.width), size.width, size.height)
        try:
            length = await save_evidence(session, conversation, turn, reply, screen, note, path)
        except ChatgridError as problem:
            return str(problem)
        return ""

    def saved(path: Path | None) -> None:
        if path is not None:
            page.toast(f"Saved {path.name}, {data_size(length)}, in {path.parent}")

    board = _NOT_IN_NAMES.sub("-", conversation.board.name or conversation.board.id).strip("-.")[:_LONGEST_NAME]
    name = f"evidence-{board or 'reply'}-{session.clock.utc_now().astimezone():%Y%m%d-%H%M%S}.zip"
    app.push_screen(EvidenceScreen(name, save), saved)


def _picture(strips: Sequence[Strip], width: int) -> str:
    """Return rows of the screen as SVG, as Textual exports it, but with the fonts of the viewing machine."""
    console = Console(
        width=width,
        height=len(strips),
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    segments = [segment for strip in strips for segment in (*strip, Segment.line())]
    console.print(Segments(segments), end="")
    return _REMOTE_FONT.sub("", console.export_svg(title="chatgrid-tui"))
