"""Saves the evidence of a reply: the dialog for the file name, and the picture of the screen."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.console import Console
from rich.segment import Segment, Segments
from textual.strip import Strip

from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.chat.dialogs.new_file_form import NewFileForm, file_stem
from chatgrid_tui.ui.chat_page import ChatPage, Page
from chatgrid_tui.ui.form.fields import LinesField
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.widgets.cells import is_tall
from chatgrid_tui.units import size as data_size

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_NOTE_ROWS: Final = 6
_REMOTE_FONT: Final = re.compile(r"@font-face\s*\{[^}]*\}")

Save: TypeAlias = Callable[[Path, str], Awaitable[str]]
"""Saves the evidence with a note, and returns what to tell the user; raises `ChatgridError` if it cannot."""


class EvidenceScreen(NewFileForm):
    """Asks for a file name and a note, and returns the path of the file once it is saved."""

    def __init__(self, page: Page, name: str, save: Save) -> None:
        self._note_field = LinesField()
        self._usual_name, self._write = name, save
        self._forgotten = False
        note = FormRow("note", "Note", self._note_field, "Optional: what is wrong here")
        super().__init__(page, "Save evidence", "keys are masked", "zip file", below=[note])

    def on_mount(self) -> None:
        """Focus the note: the file name has a default."""
        self._note_field.styles.height = _NOTE_ROWS // (1 if is_tall(self) else 2)
        self.file_field.put(self._usual_name)
        self._note_field.focus()

    async def write(self, path: Path) -> str:
        """Overrides `NewFileForm.write`."""
        return await self._write(path, self._note_field.value)

    @property
    def touched(self) -> bool:
        """Whether there is an unsaved note."""
        return bool(self._note_field.value.strip()) and not self._forgotten

    def forget(self) -> None:
        """Treat the note as saved."""
        self._forgotten = True


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

    async def save(path: Path, note: str) -> str:
        # Imported late: the export, the Markdown of the transcript, and the zip.
        from chatgrid_tui.session.evidence import Screen, save_evidence

        screen = Screen([strip.text for strip in strips], size.width, partial(_picture, strips, size.width))
        length = await save_evidence(session, conversation, turn, reply, screen, note, path)
        return f"Saved {path.name}, {data_size(length)}, in {path.parent}."

    board = file_stem(conversation.board.name or conversation.board.id, "reply")
    name = f"evidence-{board}-{session.clock.utc_now().astimezone():%Y%m%d-%H%M%S}.zip"
    app.push_screen(EvidenceScreen(page, name, save))


def _picture(strips: Sequence[Strip], width: int, texts: Sequence[str]) -> str:
    """Return rows of the screen as SVG, as Textual exports it, but with the fonts of the viewing machine, and with
    other texts of the same lengths.
    """
    console = Console(
        width=width,
        height=len(strips),
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
    )
    segments = [
        segment
        for strip, text in zip(strips, texts, strict=True)
        for segment in (*_with(strip, text), Segment.line())
    ]
    console.print(Segments(segments), end="")
    return _REMOTE_FONT.sub("", console.export_svg(title="chatgrid-tui"))


def _with(strip: Strip, text: str) -> Iterator[Segment]:
    """Yield the segments of a strip with another text of the same length."""
    at = 0
    for segment in strip:
        yield Segment(text[at : at + len(segment.text)], segment.style)
        at += len(segment.text)
