"""The form for an export: which conversations, the format, and the name of the file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from chatgrid_tui.model.export_format import EXTENSIONS, FORMATS, Format
from chatgrid_tui.ui.chat.dialogs.new_file_form import NewFileForm
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.form.fields import ChoiceField
from chatgrid_tui.ui.form.row import FormRow

Scope: TypeAlias = Literal["chosen", "all"]
"""The conversation on the screen or those chosen in the list, or all of them."""
Save: TypeAlias = Callable[[Scope, Format, Path], Awaitable[str]]
"""Saves the file, and returns what to tell the user; raises `ChatgridError` if it cannot be written."""

_LABELS: Final[Mapping[str, str]] = {"markdown": "Markdown", "html": "HTML", "text": "Text", "json": "JSON"}
_MEANINGS: Final[dict[Format, str]] = {
    "markdown": "To read and to paste, with the Markdown of the replies",
    "html": "One page for a browser; it has no script and loads nothing",
    "text": "Plain text, without the Markdown of the replies",
    "json": "Everything but recordings; can be imported again",
}


class ExportScreen(NewFileForm):
    """Asks what to export and where to, and returns the path of the file once it is saved."""

    def __init__(self, page: Page, stems: Mapping[Scope, str], count: int, save: Save) -> None:
        """`stems` has the scopes that can be chosen, with the usual names of their files without an extension.
        `count` is the number of chosen conversations.
        """
        self._stems = stems
        self._write = save
        self._proposed = ""
        chosen = "This conversation" if count == 1 else f"These {count:,} conversations"
        self._scope_field = ChoiceField({"chosen": chosen, "all": "All conversations"})
        self._format_field = ChoiceField(_LABELS)
        rows = [
            FormRow("scope", "What", self._scope_field),
            FormRow("format", "Format", self._format_field, _MEANINGS["markdown"]),
        ]
        super().__init__(page, "Export", "", "file", above=rows)

    def on_mount(self) -> None:
        """Propose this conversation as Markdown."""
        self._scope_field.offer(self._stems)
        self._scope_field.put(next(iter(self._stems)))
        self._format_field.put(FORMATS[0])
        self._propose()
        self._format_field.focus()

    async def write(self, path: Path) -> str:
        """Overrides `NewFileForm.write`."""
        return await self._write(self._scope, self._format, path)

    def _propose(self) -> None:
        """Propose a file name. Of one that the user typed, only the extension follows the format."""
        typed, extension = self.file_field.value, EXTENSIONS[self._format]
        proposed = f"{self._stems[self._scope]}{extension}"
        if typed != self._proposed:
            stem, dot, old = typed.rpartition(".")
            proposed = f"{stem}{extension}" if f"{dot}{old}" in EXTENSIONS.values() else typed
        self.file_field.put(proposed)
        self._proposed = proposed if typed == self._proposed else self._proposed

    @property
    def _scope(self) -> Scope:
        return "all" if self._scope_field.value == "all" else "chosen"

    @property
    def _format(self) -> Format:
        return next((format_ for format_ in FORMATS if format_ == self._format_field.value), FORMATS[0])

    @property
    def touched(self) -> bool:
        """Whether something typed would be lost: the name is nothing that was written."""
        return False

    def forget(self) -> None:
        """Nothing is lost by closing the form."""

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Let the name and the explanation follow the choices."""
        if event.row.row_name != "file":
            self._propose()
            self.rows["format"].show(_MEANINGS[self._format])
