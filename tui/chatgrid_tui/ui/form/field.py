"""What is filled in, in a form."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget


class FormField(Widget):
    """What is filled in. Subclasses tell with `Changed` that something else stands in them now."""

    class Changed(Message):
        """Something else stands in the field now."""

        def __init__(self, field: FormField) -> None:
            super().__init__()
            self.field = field

    wrong: bool = False
    """Whether what stands in it cannot be taken."""

    @property
    def target(self) -> Widget:
        """What gets the focus."""
        return self

    def mark(self, wrong: bool) -> None:
        """Say whether what stands in it can be taken."""
        if wrong != self.wrong:
            self.wrong = wrong
            self.refresh()

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.refresh()
