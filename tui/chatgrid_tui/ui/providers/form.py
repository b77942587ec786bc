"""The form for adding or changing a provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, Protocol, assert_never

from textual import events, on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Button

from chatgrid_tui.config.option_values import Typed
from chatgrid_tui.config.provider_fields import LOOKS_LIKE_A_KEY, Problems, ProviderFields, ValidProvider, validate
from chatgrid_tui.session.providers.provider_editor import EditStart
from chatgrid_tui.ui.actions.parts import SAVE_FORM, TEST_FORM
from chatgrid_tui.ui.form.fields import (
    AddressPasted,
    ChoiceField,
    CommandPasted,
    FlagField,
    LineField,
    LinesField,
    PasteRefused,
    is_address,
    is_command,
)
from chatgrid_tui.ui.form.form_screen import FormScreen
from chatgrid_tui.ui.form.results import ResultLine
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import OverlayButton
from chatgrid_tui.ui.providers.form_model import FormModel
from chatgrid_tui.ui.providers.form_rows import KEY_ROWS, BeginAt, row_specs
from chatgrid_tui.ui.widgets.cells import is_tall

TEST: Final = "Test"
"""The heading of the results of a test."""
_TESTED: Final = frozenset({"kind", "server", "base_url", "key_from", "variable", "command", "key", "headers"})


class FormWork(Protocol):
    """The slow work, which continues without the form."""

    def test(self, form: ProviderForm) -> None: ...
    def stop_testing(self, form: ProviderForm) -> bool: ...
    def save(self, form: ProviderForm) -> None: ...
    def remove(self, provider_name: str, form: ProviderForm) -> None: ...


class ProviderForm(FormScreen[None]):
    """Shows the fields of a kind of service, each with what is wrong with it.

    Their values are in `FormModel`, which is kept when widgets are removed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [TEST_FORM.binding]

    def __init__(self, start: EditStart, work: FormWork, *, preset: str = "", begin_at: BeginAt = "title") -> None:
        """`preset` is the id of a well-known server to start with; `begin_at` is the first field to edit."""
        self._editing = bool(start.context.editing)
        self._specs = row_specs()
        buttons = [
            OverlayButton("Test", action=TEST_FORM, id="test"),
            OverlayButton("Save", action=SAVE_FORM, id="save"),
            OverlayButton("Cancel", key="Esc", id="cancel"),
        ]
        if self._editing:
            buttons.append(OverlayButton("Remove", id="remove"))
        super().__init__(
            "Edit a provider" if self._editing else "Add a provider",
            "Paste an address or a cURL command anywhere.",
            [spec.row() for spec in self._specs],
            buttons,
        )
        self.form_model = FormModel(start, preset)
        self._work = work
        self._begin_at = begin_at
        self._fold = OverlayButton("More settings", id="fold")
        self._unfolded = False
        self._reported: set[str] = set()
        """The fields whose problems are shown: those that lost the focus, and all after an attempt to save."""
        self._late_problems: dict[str, str] = {}
        """Problems that were found only by saving or testing."""
        self._work_message, self._work_failed = "", False
        self._busy = False

    def compose_rows(self) -> Iterable[Widget]:
        """Overrides `FormScreen.compose_rows`. Mounting the advanced rows takes as long as all the others."""
        yield from (self.rows[spec.name] for spec in self._specs if not spec.option.advanced)
        yield self._fold

    def on_mount(self) -> None:
        """Show the initial values, and focus the first field to edit."""
        self._show_all()
        begin_at: str = self._begin_at
        if begin_at == "key":
            begin_at = next((row for row in KEY_ROWS if self.rows[row].display), "key_from")
        self.rows[begin_at].field.focus()

    # Content

    @property
    def filled(self) -> ProviderFields:
        """The values of the fields, including those derived if nothing is typed."""
        return self.form_model.filled

    @property
    def touched(self) -> bool:
        """Whether it has unsaved changes."""
        return self.form_model.touched

    def forget(self) -> None:
        """Treat the current content as saved."""
        self.form_model.forget()

    def validated(self) -> ValidProvider | None:
        """Return the provider to write. If something is wrong, show it at each field and focus the first of them."""
        result = validate(self.filled, self.form_model.context)
        if isinstance(result, ValidProvider):
            return result
        self._reported |= set(result)
        if any(spec.option.advanced and spec.name in result for spec in self._specs):
            self._unfold()
        self._show_state()
        first = next(row for name, row in self.rows.items() if name in result)
        self.call_after_refresh(first.field.focus)
        return None

    # Called by the work

    def wrong(self, name: str, sentence: str) -> None:
        """Show at a field what saving found wrong with it, and focus the field."""
        self._late_problems[name] = sentence
        self._show_state()
        if self.rows[name].display:
            self.rows[name].field.focus()
        else:  # a key that is stored elsewhere has no field
            self.show_results("Not saved", (ResultLine("Key", "failed", sentence, "failed"),))

    def say(self, text: str, *, failed: bool = False) -> None:
        """Show a message next to the buttons."""
        self._work_message, self._work_failed = text, failed
        self._show_state()

    def show_results(self, title: str, lines: tuple[ResultLine, ...] = ()) -> None:
        """Show the results of a test; an empty title removes them."""
        self.results.show(title, lines)
        if title:
            self.call_next(self.results.reveal)

    def busy(self, busy: bool) -> None:
        """Ignore the buttons and keys while something is being saved."""
        self._busy = busy

    # Keys and buttons

    def action_save(self) -> None:
        """Save, unless something is wrong."""
        if not self._busy and self.app.screen is self:
            self._late_problems.clear()
            self._work.save(self)

    def action_test(self) -> None:
        """Test the provider in the form."""
        if not self._busy and self.app.screen is self:
            self._late_problems.clear()
            self._work.test(self)

    def action_close(self) -> None:
        """Stop the running test; if there is none, close, after a question if something was typed."""
        if not self._work.stop_testing(self) and not self._busy:
            super().action_close()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        match event.button.id:
            case "test":
                self.action_test()
            case "save":
                self.action_save()
            case "cancel":
                self.action_close()
            case "remove" if not self._busy:
                self._work.remove(self.form_model.context.editing, self)
            case "fold":
                if self._unfolded:
                    self._unfolded = False
                else:
                    self._unfold()
                self._show_state()

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Update the model with what the user changed."""
        event.stop()
        row = event.row
        self._late_problems.clear()
        if self._work_failed:
            self._work_message = ""
        if row.row_name in _TESTED and self.results.title == TEST:
            self.results.show("")  # the results are outdated
            self._work_message = ""
        self.form_model.take(row.row_name, row.field.value)
        self._show_all()

    def on_paste(self, event: events.Paste) -> None:
        """Accept a command or an address that was pasted outside a text field."""
        event.stop()
        if is_command(event.text):
            self._take_command(event.text)
        elif is_address(event.text):
            self._take_address(event.text)

    @on(CommandPasted)
    def _command_pasted(self, event: CommandPasted) -> None:
        event.stop()
        self._take_command(event.command)

    @on(AddressPasted)
    def _address_pasted(self, event: AddressPasted) -> None:
        event.stop()
        self._take_address(event.address)

    @on(PasteRefused)
    def _paste_refused(self, event: PasteRefused) -> None:
        event.stop()
        name = next(name for name, row in self.rows.items() if row.field is event.field)
        self._late_problems[name] = LOOKS_LIKE_A_KEY
        self._show_state()

    def _take_command(self, command: str) -> None:
        lines = self.form_model.take_command(command)
        self._show_all()
        self.show_results("Taken from the command", tuple(ResultLine(*line) for line in lines))

    def _take_address(self, pasted: str) -> None:
        row = self.rows["base_url"]
        if isinstance(row.field, LineField):
            row.field.paste(pasted)
            row.scroll_visible(animate=False)

    def on_descendant_blur(self) -> None:
        """Show what is wrong with the field that lost the focus."""
        if self.is_mounted:
            self.call_later(self._show_state)

    # Display

    def _show_all(self) -> None:
        """Show the values of the model in the widgets."""
        for name, row in self.rows.items():
            self._put(name, row)
        self._show_state()

    def _put(self, name: str, row: FormRow) -> None:
        value: Typed = self.form_model.value(name)
        match row.field:
            case LineField() as field:
                field.put(str(value))
                field.placeholder = self.form_model.hint(name)
                field.select_on_focus = self.form_model.is_default(name)
            case LinesField() as field:
                field.put(str(value))
            case FlagField() as field:
                field.put(value is True)
            case ChoiceField() as field:
                field.offer(self.form_model.offered(name))
                field.put(str(value))
            case _ as never:
                assert_never(never)

    def _unfold(self) -> None:
        """Show the advanced rows."""
        self._unfolded = True
        advanced = [self.rows[spec.name] for spec in self._specs if spec.option.advanced]
        if not advanced[0].is_attached:
            self.fields.mount(*advanced, after=self._fold)

    def _show_state(self) -> None:
        """Show the rows that apply, each with its help or what is wrong."""
        if not self.is_attached:
            return
        model, tall = self.form_model, is_tall(self)
        result = validate(self.filled, model.context)
        problems: Problems = {} if isinstance(result, ValidProvider) else result
        self._reported |= {name for name in problems if self._was_left(self.rows[name])}
        reported = {name: text for name, text in problems.items() if name in self._reported} | self._late_problems
        for spec in self._specs:
            row = self.rows[spec.name]
            applies = spec.applies_to(model.fields) and not (spec.name == "name" and self._editing)
            row.display = applies and (self._unfolded or not spec.option.advanced)
            row.show_label(model.label(spec.option))
            focused = row.field.has_focus and tall
            row.show(model.help(spec.option, focused=focused), reported.get(spec.name, ""))
        self._fold.label = "Fewer settings" if self._unfolded else "More settings"
        self.query_one("#save").set_class(bool(reported), "-idle")
        wrong = "One field needs a change." if len(reported) == 1 else f"{len(reported)} fields need a change."
        self.show_message(
            self._work_message or (wrong if reported else ""), failed=self._work_failed and bool(self._work_message)
        )

    def _was_left(self, row: FormRow) -> bool:
        """Return whether a row has a value and lost the focus."""
        return not isinstance(row.field, ChoiceField) and bool(row.field.value) and not row.field.has_focus
