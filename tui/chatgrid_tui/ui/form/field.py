"""The base of the fields of a form."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget


class FormField(Widget):
    """A field of a form. Subclasses post `Changed` when the user changes their value."""

    class Changed(Message):
        """The user changed the value of a field."""

        def __init__(self, field: FormField) -> None:
            super().__init__()
            self.field = field

    wrong: bool = False
    """Whether its value is invalid."""

    @property
    def target(self) -> Widget:
        """The widget that gets the focus."""
        return self

    def mark(self, wrong: bool) -> None:
        """Mark its value as invalid, or as valid again."""
        if wrong != self.wrong:
            self.wrong = wrong
            self.refresh()

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        self.refresh()
