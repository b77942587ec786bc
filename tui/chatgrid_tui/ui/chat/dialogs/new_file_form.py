"""A form whose content is saved in a new file, such as an export or the evidence of a reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from textual import on
from textual.widgets import Button, Input

from chatgrid_tui.engine.key_mask import without_known_keys
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.session.user_files import check_new_file, current_folder, path_of
from chatgrid_tui.ui.actions.parts import SAVE_FORM
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.form.fields import LineField
from chatgrid_tui.ui.form.form_screen import FormScreen
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import OverlayButton

_NOT_IN_NAMES: Final = re.compile(r"[^\w.-]+")
_LONGEST_NAME: Final = 40


def file_stem(words: str, default: str) -> str:
    """Return words as a part of a file name, without known keys, or `default` if nothing of them can be used."""
    words = without_known_keys(words)[: 2 * _LONGEST_NAME]
    return _NOT_IN_NAMES.sub("-", words).strip("-.")[:_LONGEST_NAME] or default


class NewFileForm(FormScreen[Path]):
    """Asks for the name of a new file among other things, and returns its path once it is saved.

    Subclasses define `write`. It goes on if the form is closed meanwhile, and the page tells how it ended.
    """

    def __init__(
        self,
        page: Page,
        title: str,
        note: str,
        what: str,
        *,
        above: Sequence[FormRow] = (),
        below: Sequence[FormRow] = (),
    ) -> None:
        """`what` is the kind of file. The other rows are `above` and `below` the one for its name."""
        folder = current_folder()
        self._page = page
        self._help = f"A new {what} in {folder}" if folder else f"A new {what}"
        self._busy = False
        self.file_field = LineField()
        super().__init__(
            title,
            note,
            [*above, FormRow("file", "File", self.file_field, self._help), *below],
            [OverlayButton("Save", action=SAVE_FORM, id="save"), OverlayButton("Cancel", key="Esc", id="cancel")],
        )

    async def write(self, path: Path) -> str:
        """Write the file, and return what to tell the user.

        Raises:
            ChatgridError: it cannot be written.
        """
        raise NotImplementedError

    def action_save(self) -> None:
        """Save, unless the file cannot be written."""
        if self._busy:
            return
        try:
            path = path_of(self.file_field.value.strip())
            check_new_file(path)
        except UsageProblem as problem:
            self._refuse(str(problem))
            return
        self._busy = True
        self.rows["file"].show(self._help)
        self.show_message("Saving")
        Work(self._page).do(partial(self._save, path), "new file")

    async def _save(self, path: Path) -> None:
        try:
            told = await self.write(path)
        except ChatgridError as problem:
            if not self.is_attached:
                raise
            self._refuse(str(problem))
        else:
            if self.is_attached:
                self.forget()
                self.dismiss(path)
            self._page.app.call_later(self._page.toast, told)
        finally:
            self._busy = False
            if self.is_attached:
                self.show_message("")

    def _refuse(self, problem: str) -> None:
        self.rows["file"].show(self._help, problem)
        self.file_field.focus()

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
