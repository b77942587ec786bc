"""The form in which a provider is added or changed."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from chatgrid_tui.config.provider_fields import Problems, ProviderFields, ValidProvider, validate
from chatgrid_tui.session.providers.provider_editor import EditStart
from chatgrid_tui.ui.form.button import FormButton
from chatgrid_tui.ui.form.choice import FormChoice
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.form.fields import FormFields
from chatgrid_tui.ui.form.findings import FormFindings, FoundLine
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.form.text import CommandPasted, FormText, is_address, is_command
from chatgrid_tui.ui.form.words import FormWords
from chatgrid_tui.ui.overlays.confirm import UnsavedScreen
from chatgrid_tui.ui.providers.form_model import FormModel
from chatgrid_tui.ui.providers.form_rows import KEY_ROWS, BeginAt, row_specs
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, is_tall
from chatgrid_tui.ui.widgets.header import Header

_PASTE = "Paste a cURL command anywhere to fill this in."
_NARROW_BELOW = 100
"""Columns of the screen below which the buttons move left, so that the text next to them is not cut."""
_FRAME_ROWS = 7
"""Rows of the overlay apart from the fields, on a tall screen."""
_FRAME_ROWS_SHORT = 5
TEST = "Test"
"""The heading of the results of a test."""
_TESTED = frozenset({"kind", "server", "base_url", "key_from", "variable", "command", "key", "headers"})
_MORE, _LESS = "More settings", "Fewer settings"


class FormWork(Protocol):
    """The work that takes time, and goes on without the form."""

    def test(self, form: ProviderForm) -> None: ...
    def stop_testing(self, form: ProviderForm) -> bool: ...
    def save(self, form: ProviderForm) -> None: ...
    def ask_to_remove(self, form: ProviderForm) -> None: ...


class ProviderForm(UnsavedScreen[None]):
    """Shows the fields of a kind of service, and at each what is wrong with it.

    What they hold is in `FormModel`, which outlives the widgets.
    """

    DEFAULT_CSS = """
    ProviderForm {
        & Overlay > Header {
            margin: 1 2 0 2;
        }
        & #fields {
            margin: 1 1 0 3;
            scrollbar-gutter: stable;
        }
        & #fields > #fold {
            margin: 0 0 1 14;
        }
        & #buttons {
            height: 1;
            margin: 1 3 1 17;
            background: $cg-overlay;
        }
        &.-narrow #buttons {
            margin: 1 3;
        }
        &.-editing #buttons FormButton {
            margin: 0 1 0 0;
        }
        &.-low #fields {
            margin: 0 1 0 3;
        }
        &.-low #fields > FormRow {
            margin-bottom: 0;
        }
        &.-low #fields > #fold {
            margin: 0 0 0 14;
        }
        &.-low #buttons {
            margin: 1 1 1 3;
        }
        &.-tiny Overlay > Header {
            margin: 1 1 0 1;
        }
        &.-tiny #fields {
            margin: 0 1 0 2;
        }
        &.-tiny #buttons {
            margin: 1 1 1 2;
        }
        &.-tiny #buttons FormButton {
            margin: 0 1 0 0;
        }
        &.-tiny #fields > #fold {
            margin: 0;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
        Binding("pageup", "scroll(-8)", "Page up", show=False),
        Binding("pagedown", "scroll(8)", "Page down", show=False),
        Binding("ctrl+s", "save", "Save", show=False, priority=True),
        Binding("ctrl+t", "test", "Test", show=False, priority=True),
        Binding("escape", "close", "Cancel", show=False, priority=True),
    ]

    def __init__(self, start: EditStart, work: FormWork, *, preset: str = "", begin_at: BeginAt = "name") -> None:
        """`preset` is the id of a well-known server to begin with; `begin_at` says which field is edited first."""
        super().__init__()
        self._begin_at = begin_at
        self.form_model = FormModel(start, preset)
        self._work = work
        self._editing = start.context.editing
        self._header = Header(
            "Edit a provider" if self._editing else "Add a provider", surface="overlay", margins=(1, 1)
        )
        self._specs = row_specs()
        self._rows = {spec.name: FormRow(spec.label, spec.make(), spec.help, name=spec.name) for spec in self._specs}
        self._fold = FormButton("more", _MORE)
        self._fold.id = "fold"
        self._fields = FormFields(id="fields")
        self._findings = FormFindings()
        self._words = FormWords()
        self._buttons = {
            "test": FormButton("test", "Test"),
            "save": FormButton("save", "Save"),
            "cancel": FormButton("cancel", "Cancel", "Esc"),
            "remove": FormButton("remove", "Remove"),
        }
        self._unfolded = False
        self._reported: set[str] = set()
        """The fields whose problems are shown: those that lost the focus, and all after an attempt to save."""
        self._found_later: dict[str, str] = {}
        """Problems that were found only by saving or testing."""
        self._message, self._failed = "", False
        self._busy = False

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            with self._fields:
                for spec in self._specs:
                    if spec.name == "name":
                        yield self._fold
                    yield self._rows[spec.name]
                yield self._findings
            with Horizontal(id="buttons"):
                for name, button in self._buttons.items():
                    if name != "remove" or self._editing:
                        yield button
                yield self._words

    def on_mount(self) -> None:
        """Show what the form begins with, and go to its first field."""
        self._header.show("Edit a provider" if self._editing else "Add a provider", _PASTE)
        self._put_all()
        self._rows[self._first_row()].field.target.focus()

    def _first_row(self) -> str:
        """Return the row that has the focus at first."""
        if not self._editing:
            return "title" if self.form_model.preset else "kind"
        if self._begin_at == "key":
            return next((row for row in KEY_ROWS if self._rows[row].display), "key_from")
        return "boards" if self._begin_at == "boards" else "kind"

    # Content

    @property
    def filled(self) -> ProviderFields:
        """What the fields hold, with what follows from it if nothing is typed."""
        return self.form_model.filled

    def validated(self) -> ValidProvider | None:
        """Return what is to be written. If something is wrong, show it at each field and go to the first."""
        result = validate(self.filled, self.form_model.context)
        if isinstance(result, ValidProvider):
            return result
        self._reported |= set(result)
        self._unfolded = self._unfolded or any(spec.advanced and spec.name in result for spec in self._specs)
        self._show_state()
        first = next(spec.name for spec in self._specs if spec.name in result)
        self._rows[first].field.target.focus()
        return None

    # Called by the work

    def wrong(self, field: str, sentence: str) -> None:
        """Show at a field what saving found wrong with it, and go there."""
        self._found_later[field] = sentence
        self._show_state()
        if self._rows[field].display:
            self._rows[field].field.target.focus()
        else:  # a key that is stored elsewhere has no field
            self.found("Not saved", (FoundLine("Key", "failed", sentence, "failed"),))

    def say(self, words: str, *, failed: bool = False) -> None:
        """Show a message next to the buttons."""
        self._message, self._failed = words, failed
        self._show_state()

    def found(self, title: str, lines: tuple[FoundLine, ...] = ()) -> None:
        """Show the results of a test; an empty title removes them."""
        self._findings.show(title, lines)
        if title:
            self.call_after_refresh(self._findings.scroll_visible, animate=False)

    def busy(self, busy: bool) -> None:
        """Ignore the buttons and keys while something is being saved."""
        self._busy = busy

    # Keys and buttons

    def action_save(self) -> None:
        """Save, unless something is wrong."""
        if not self._busy and self.app.screen is self:
            self._found_later.clear()
            self._work.save(self)

    def action_test(self) -> None:
        """Test the provider in the form."""
        if not self._busy and self.app.screen is self:
            self._found_later.clear()
            self._work.test(self)

    @property
    def touched(self) -> bool:
        """Whether it has unsaved changes."""
        return self.form_model.touched

    def forget(self) -> None:
        """Treat the current content as saved."""
        self.form_model.forget()

    def action_close(self) -> None:
        """Stop the running test; if there is none, close, after a question if something was typed."""
        if not self._work.stop_testing(self) and not self._busy:
            super().action_close()

    def action_scroll(self, rows: int) -> None:
        """Scroll the fields."""
        self._fields.scroll_relative(y=rows, animate=False)

    @on(FormButton.Pressed)
    def _button_was_pressed(self, event: FormButton.Pressed) -> None:
        event.stop()
        match event.button:
            case "test":
                self.action_test()
            case "save":
                self.action_save()
            case "cancel":
                self.action_close()
            case "remove" if not self._busy:
                self._work.ask_to_remove(self)
            case "more":
                self._unfolded = not self._unfolded
                self._show_state()
            case _:
                return

    @on(Input.Submitted)
    def _enter_was_pressed(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def on_paste(self, event: events.Paste) -> None:
        """Take a command or an address that was pasted outside a text field."""
        event.stop()
        field = self._rows["base_url"].field
        if is_command(event.text):
            self._take_command(event.text)
        elif is_address(event.text) and isinstance(field, FormText):
            field.paste(event.text)
            self._rows["base_url"].scroll_visible(animate=False)

    @on(CommandPasted)
    def _command_was_pasted(self, event: CommandPasted) -> None:
        event.stop()
        self._take_command(event.command)

    def _take_command(self, command: str) -> None:
        words = self.form_model.take_command(command)
        self._put_all()
        self.found("Taken from the command", tuple(FoundLine(*line) for line in words))

    @on(FormField.Changed)
    def _field_was_changed(self, event: FormField.Changed) -> None:
        event.stop()
        row = next(name for name, row in self._rows.items() if row.field is event.field)
        self._found_later.clear()
        if self._failed:
            self._message = ""
        if row in _TESTED and self._findings.title == TEST:
            self._findings.show("")  # the results are outdated
            self._message = ""
        if self.form_model.take(row, event.field):
            self._put_all()
        else:
            self._show_state()

    def on_descendant_blur(self) -> None:
        """Show what is wrong with the field that lost the focus."""
        if self.is_mounted:
            self.call_later(self._show_state)

    # Display

    def fit(self, top: int, height: int) -> None:
        """Give the fields the room that is left; the rest scrolls."""
        low, tiny = not is_tall(self), self.app.size.width < TINY_BELOW
        self.set_class(low, "-low")
        self.set_class(tiny, "-tiny")
        self.set_class(self.app.size.width < _NARROW_BELOW, "-narrow")
        self.set_class(bool(self._editing), "-editing")  # it has one more button
        for row in self._rows.values():
            row.stack(tiny)
        room = height - top - (_FRAME_ROWS_SHORT if low else _FRAME_ROWS)
        self._fields.styles.max_height = max(2, room)

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        super().look_changed()
        for row in self._rows.values():
            row.look_changed()
        for button in (self._fold, *self._buttons.values()):
            button.look_changed()
        for line in (self._header, self._words):
            line.look_changed()
        self._findings.look_changed()

    def _put_all(self) -> None:
        """Put what the form holds into its widgets."""
        for name, row in self._rows.items():
            self.form_model.put(name, row.field)
        self._show_state()

    def _show_state(self) -> None:
        """Show the rows that apply, each with its help or what is wrong."""
        if not self.is_attached:
            return
        fields = self.form_model.fields
        result = validate(self.filled, self.form_model.context)
        problems: Problems = {} if isinstance(result, ValidProvider) else result
        self._reported |= {name for name in problems if self._was_left(name)}
        reported: dict[str, str] = {
            name: text for name, text in problems.items() if name in self._reported
        } | self._found_later
        for spec in self._specs:
            row = self._rows[spec.name]
            applies = spec.applies_to(fields) and not (spec.name == "name" and self._editing)
            row.display = applies and (self._unfolded or not spec.advanced)
            row.label(self.form_model.label(spec))
            focused = row.field.target.has_focus and is_tall(self)
            row.show(self.form_model.help(spec, focused=focused), reported.get(spec.name, ""))
            if isinstance(row.field, FormText):
                row.field.select_at_focus(self.form_model.is_default(spec.name))
        self._fold.show(_LESS if self._unfolded else _MORE)
        self._buttons["save"].show("Save", possible=not reported)
        wrong = "One field needs a change." if len(reported) == 1 else f"{len(reported)} fields need a change."
        self._words.show(self._message or (wrong if reported else ""), failed=self._failed and bool(self._message))

    def _was_left(self, name: str) -> bool:
        """Return whether a field has a text and lost the focus."""
        field = self._rows[name].field
        return bool(getattr(field, "value", "")) and not field.target.has_focus and not isinstance(field, FormChoice)
