"""A row of a form: the label, the field, and below it the help or what is wrong."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, RadioSet, TextArea

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.form.fields import Field, FlagField
from chatgrid_tui.ui.widgets.cells import own_words

_MOST_CHARACTERS = 400


class _Meaning(Label):
    """The meaning of a checked box. A click on it counts as one on the box."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """The text was clicked."""

    def on_click(self, event: events.Click) -> None:
        """Post `Clicked`."""
        event.stop()
        self.post_message(self.Clicked())


class FormRow(Widget):
    """Label, field and help. On a narrow screen the label is above the field."""

    class Changed(Message):
        """The user changed the value of the field."""

        def __init__(self, row: FormRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, name: str, label: str, field: Field, help: str = "", meaning: str = "") -> None:  # noqa: A002
        """`meaning` is what a checked box means. It is shown next to the box, and can be clicked as well."""
        super().__init__()
        self.row_name = name
        self.field = field
        self.problem = ""
        """What is wrong; empty if nothing is."""
        self._help = help
        self._label = Label(label, classes="label", markup=False)
        self._text = Label("", classes="help", markup=False)
        self._meaning = _Meaning(meaning, markup=False)

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield self._label
        with Vertical():
            if isinstance(self.field, FlagField):
                with Horizontal():
                    yield self.field
                    yield self._meaning
            else:
                yield self.field
            yield self._text

    def on_mount(self) -> None:
        """Show the help."""
        self._show()

    def show(self, help: str, problem: str = "") -> None:  # noqa: A002
        """Show another help text, or what is wrong instead."""
        if (help, problem) != (self._help, self.problem):
            self._help, self.problem = help, problem
            self._show()
            if self.field.has_focus:  # it may have grown out of sight
                self.call_after_refresh(self.scroll_visible, animate=False)

    def show_label(self, label: str) -> None:
        """Change the label."""
        if label != self._label.content:
            self._label.update(label)

    def _show(self) -> None:
        signs = look_of(self).signs
        if self.problem:  # it may repeat what was typed
            text = clean_line(f"{signs.failed} {self.problem}", _MOST_CHARACTERS)
        else:
            text = own_words(self._help[:_MOST_CHARACTERS], signs)
        self._text.update(text)
        self._text.display = bool(text)
        self.set_class(bool(self.problem), "-wrong")

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Checkbox.Changed)
    @on(RadioSet.Changed)
    def _field_changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    @on(_Meaning.Clicked)
    def _meaning_clicked(self, event: _Meaning.Clicked) -> None:
        event.stop()
        if isinstance(self.field, FlagField):
            self.field.toggle().focus()

    def on_click(self, event: events.Click) -> None:
        """Keep clicks on a row from closing the form, as those beside it do."""
        event.stop()

    def on_descendant_focus(self) -> None:
        """Scroll the whole row into view, the help too."""
        self.call_after_refresh(self.scroll_visible, animate=False)
