"""The form for an export: which conversations, the format, and the name of the file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from textual import on
from textual.widgets import Button, Input

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.export_format import EXTENSIONS, FORMATS, Format
from chatgrid_tui.session.user_files import check_new_file, current_folder, path_of
from chatgrid_tui.ui.form.fields import ChoiceField, LineField
from chatgrid_tui.ui.form.form_screen import FormScreen
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import OverlayButton

Scope: TypeAlias = Literal["chosen", "all"]
"""The conversation on the screen or those chosen in the list, or all of them."""
Save: TypeAlias = Callable[[Scope, Format, Path], Awaitable[str]]
"""Saves the file, and returns an error as a sentence; empty if it was saved."""

_LABELS: Final[Mapping[str, str]] = {"markdown": "Markdown", "html": "HTML", "text": "Text", "json": "JSON"}
_MEANINGS: Final[dict[Format, str]] = {
    "markdown": "To read and to paste, with the Markdown of the replies",
    "html": "One page for a browser; it has no script and loads nothing",
    "text": "Plain text, without the Markdown of the replies",
    "json": "Everything but recordings; can be imported again",
}


class ExportScreen(FormScreen[Path]):
    """Asks what to export and where to, and returns the path of the file once it is saved."""

    def __init__(self, stems: Mapping[Scope, str], count: int, save: Save) -> None:
        """`stems` has the scopes that can be chosen, with the usual names of their files without an extension.
        `count` is the number of chosen conversations.
        """
        self._stems = stems
        chosen = "This conversation" if count == 1 else f"These {count:,} conversations"
        scopes = {"chosen": chosen, "all": "All conversations"}
        self._scope_field, self._format_field, self._file_field = (
            ChoiceField(scopes),
            ChoiceField(_LABELS),
            LineField(),
        )
        folder = current_folder()
        self._file_help = f"A new file in {folder}" if folder else "A new file"
        self._save = save
        self._busy = False
        self._proposed = ""
        super().__init__(
            "Export",
            "",
            [
                FormRow("scope", "What", self._scope_field),
                FormRow("format", "Format", self._format_field, _MEANINGS["markdown"]),
                FormRow("file", "File", self._file_field, self._file_help),
            ],
            [OverlayButton("Save", key="Ctrl+S", id="save"), OverlayButton("Cancel", key="Esc", id="cancel")],
        )

    def on_mount(self) -> None:
        """Propose this conversation as Markdown."""
        self._scope_field.offer(self._stems)
        self._scope_field.put(next(iter(self._stems)))
        self._format_field.put(FORMATS[0])
        self._propose()
        self._format_field.focus()

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
        self.rows["file"].show(self._file_help)
        self.show_message("Saving")
        self.app.run_worker(self._try(path), group="export", exit_on_error=True)

    async def _try(self, path: Path) -> None:
        problem = await self._save(self._scope, self._format, path)
        self._busy = False
        if self.is_attached:
            self.show_message("")
            if problem:
                self._refuse(problem)
            else:
                self.dismiss(path)

    def _refuse(self, problem: str) -> None:
        self.rows["file"].show(self._file_help, problem)
        self._file_field.focus()

    def _propose(self) -> None:
        """Propose a file name. Of one that the user typed, only the extension follows the format."""
        typed, extension = self._file_field.value, EXTENSIONS[self._format]
        proposed = f"{self._stems[self._scope]}{extension}"
        if typed != self._proposed:
            stem, dot, old = typed.rpartition(".")
            proposed = f"{stem}{extension}" if f"{dot}{old}" in EXTENSIONS.values() else typed
        self._file_field.put(proposed)
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

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Perform the action of the button."""
        event.stop()
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_close()

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Follow the choices, and remove the error about the name."""
        event.stop()
        if event.row.row_name != "file":
            self._propose()
            self.rows["format"].show(_MEANINGS[self._format])
        self.rows["file"].show(self._file_help)

    @on(Input.Submitted)
    def _enter_in_name(self, event: Input.Submitted) -> None:
        event.stop()
        event.prevent_default()  # it would move to the next field
        self.action_save()
