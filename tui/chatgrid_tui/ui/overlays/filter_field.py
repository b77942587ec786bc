"""A field to type into, on an overlay."""

from __future__ import annotations

from textual.actions import SkipAction

from chatgrid_tui.ui.form.typed import TypedField
from chatgrid_tui.ui.widgets.plain_input import PlainInput


class _FilterLine(PlainInput):
    """The line that is typed. Keys that mean nothing while it is empty are the list's."""

    DEFAULT_CSS = """
    _FilterLine {
        margin: 0 1 0 2;
    }
    """

    def action_home(self, select: bool = False) -> None:
        """Go to the beginning."""
        if not self.value:
            raise SkipAction
        super().action_home(select)

    def action_end(self, select: bool = False) -> None:
        """Go to the end."""
        if not self.value:
            raise SkipAction
        super().action_end(select)

    def action_delete_right(self) -> None:
        """Delete the letter under the cursor."""
        if not self.value:
            raise SkipAction
        super().action_delete_right()


class FilterField(TypedField):
    """One line to type, from edge to edge."""

    DEFAULT_CSS = """
    FilterField {
        max-width: 100%;
        height: 1;
    }
    """

    def __init__(self) -> None:
        self.input = _FilterLine()
        super().__init__(self.input)
