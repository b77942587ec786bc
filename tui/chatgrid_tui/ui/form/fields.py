"""The fields of a form: Textual's widgets with a `value` and `put`, styled in form.tcss."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Final, TypeAlias

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Checkbox, Input, RadioButton, RadioSet, TextArea

from chatgrid_tui.text import clean, mend_surrogates
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.widgets.cluster_text_area import ClusterTextArea
from chatgrid_tui.ui.widgets.plain_input import PlainInput
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

_MOST_CHARACTERS: Final = 20_000


class CommandPasted(Message):
    """A cURL command was pasted into a field, which ignored it."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command  # not in the repr: it may hold a key


class AddressPasted(Message):
    """A web address was pasted into a field for a name, which ignored it."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


class PasteRefused(Message):
    """A text was pasted into a field that does not accept it."""

    def __init__(self, field: LineField) -> None:
        super().__init__()
        self.field = field


def is_command(pasted: str) -> bool:
    """Return whether a pasted text is a cURL command."""
    words = pasted.lstrip(" \t\r\n$>").split(None, 1)
    return len(words) == 2 and words[0].lower() in ("curl", "curl.exe")


def is_address(pasted: str) -> bool:
    """Return whether a pasted text is a whole web address."""
    return re.fullmatch(r"(?i)\s*https?://\S+\s*", pasted) is not None


class LineField(PlainInput):
    """A text of one line. A secret is shown as dots, and cannot be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+backspace,alt+backspace", "delete_left_word", "Delete word", show=False),
    ]

    def __init__(
        self,
        *,
        secret: bool = False,
        for_address: bool = False,
        for_name: bool = False,
        for_command: bool = False,
        longest: int = _MOST_CHARACTERS,
        refuses: Callable[[str], bool] | None = None,
    ) -> None:
        """With `for_address`, a pasted address replaces the whole text; with `for_name`, it goes to the form. So does
        a pasted cURL command with `for_command`.

        `longest` is how many characters can be typed; `refuses` says what cannot be pasted.
        """
        super().__init__(password=secret, max_length=longest)
        self._for_address = for_address
        self._for_name = for_name
        self._for_command = for_command
        self._refuses = refuses

    def put(self, value: str) -> None:
        """Replace the text without posting `Changed`."""
        if value != self.value:
            with self.prevent(Input.Changed):
                self.value = value
            self.cursor_position = len(value)

    def paste(self, pasted: str) -> None:
        """Insert a text as one line, unless it is for the form."""
        if self._for_command and is_command(pasted):
            self.post_message(CommandPasted(pasted))
            return
        # A secret is not cleaned: characters that do not belong in one are reported instead.
        lines = (pasted if self.password else clean(mend_surrogates(pasted))).strip().splitlines()
        text = " ".join(line.strip() for line in lines)[:_MOST_CHARACTERS]
        if self._refuses is not None and self._refuses(text):
            self.post_message(PasteRefused(self))
        elif self._for_name and is_address(text):
            self.post_message(AddressPasted(text))
        elif self._for_address and is_address(text):
            self.replace(text, 0, len(self.value))
        elif text:
            self.replace(text, *sorted(self.selection))

    def action_copy(self) -> None:
        """Copy the selection, unless it is a secret."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selection, unless it is a secret."""
        if not self.password:
            super().action_cut()


class LinesField(ClusterTextArea, inherit_css=False):
    """A text of several lines. Up and Down leave it at its ends."""

    # Lost with the inherited style sheet.
    COMPONENT_CLASSES: ClassVar[set[str]] = TextArea.COMPONENT_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+j", "new_line", "New line", show=False)]

    def __init__(self, *, for_command: bool = False) -> None:
        """With `for_command`, a pasted cURL command is passed to the form."""
        super().__init__(highlight_cursor_line=False, tab_behavior="focus", max_checkpoints=20)
        self._for_command = for_command
        self.cursor_blink = False
        self.match_cursor_bracket = False

    @property
    def value(self) -> str:
        """The text."""
        return self.text

    def put(self, value: str) -> None:
        """Replace the text without posting `Changed`."""
        if value != self.text:
            with self.prevent(TextArea.Changed):
                self.load_text(value)

    def paste(self, pasted: str) -> None:
        """Insert a text at the cursor, unless it is for the form."""
        if self._for_command and is_command(pasted):
            self.post_message(CommandPasted(pasted))
        elif pasted:
            text = clean(mend_surrogates(pasted))[: 5 * _MOST_CHARACTERS]
            self.replace(text, *self.selection, maintain_selection_offset=False)

    def on_mount(self) -> None:
        """Use the plain scroll bar, which cannot be created before the app."""
        use_plain_scroll_bar(self)

    def on_paste(self, event: events.Paste) -> None:
        """Insert what the terminal pasted."""
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def action_paste(self) -> None:
        """Insert what this app copied last."""
        self.paste(self.app.clipboard)

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up, from the first row to the field above."""
        if not select and self.cursor_at_first_line:
            raise SkipAction
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down, from the last row to the field below."""
        if not select and self.cursor_at_last_line:
            raise SkipAction
        super().action_cursor_down(select)


class FlagField(Checkbox, inherit_css=False):
    """A box to check. Its meaning is shown next to it, in the row."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Checkbox.COMPONENT_CLASSES

    def put(self, value: bool) -> None:
        """Check or clear the box without posting `Changed`."""
        with self.prevent(Checkbox.Changed):
            self.value = value

    def render(self) -> Content:
        """Overrides `ToggleButton.render`."""
        return _bracketed(self, "[x]" if self.value else "[ ]")


class _ChoiceButton(RadioButton, inherit_css=False):
    COMPONENT_CLASSES: ClassVar[set[str]] = RadioButton.COMPONENT_CLASSES

    def render(self) -> Content:
        """Overrides `ToggleButton.render`."""
        return _bracketed(self, f"({look_of(self).signs.chosen})" if self.value else "( )")


def _bracketed(button: Checkbox | RadioButton, mark: str) -> Content:
    """Return a toggle button in brackets. Textual's own shows its state by colour alone."""
    # Not `get_visual_style`, which loses "reverse".
    box_style, label_style = (
        Style.from_styles(button.get_component_styles(name)) for name in ("toggle--button", "toggle--label")
    )
    box, label = Content.styled(mark, box_style), button.label.stylize_before(label_style)
    return Content.assemble(box, " ", label) if label else box


class _Flow(Layout):
    """Places widgets of one row side by side, and wraps. Textual has no such layout."""

    name = "flow"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Overrides `Layout.arrange`."""
        parent.pre_layout(self)
        placements: ArrangeResult = []
        x = y = 0
        for child in children:
            width = child.get_content_width(size, parent.app.viewport_size)
            if x and x + width > size.width:
                x, y = 0, y + 1
            placements.append(WidgetPlacement(Region(x, y, width, 1), NULL_OFFSET, Spacing(), child))
            x += width + 1
        return placements


_FLOW: Final = _Flow()


class ChoiceField(RadioSet, inherit_css=False):
    """Radio buttons side by side. Left and Right choose at once; Up and Down lead to other fields."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(-1)", "Left", show=False),
        Binding("right,space", "choose(1)", "Right", show=False),
        Binding("home", "choose(-99)", "First", show=False),
        Binding("end", "choose(99)", "Last", show=False),
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
        Binding("enter", "choose(0)", "Choose", show=False),
    ]

    def __init__(self, labels: Mapping[str, str]) -> None:
        """`labels` are those of all values that may be offered at some time."""
        self._buttons_by_value = {value: _ChoiceButton(Content(label)) for value, label in labels.items()}
        super().__init__(*self._buttons_by_value.values())

    @property
    def layout(self) -> Layout:
        """Overrides `Widget.layout`, as style sheets know Textual's own layouts alone."""
        return _FLOW

    @property
    def value(self) -> str:
        """The chosen value; empty if none is."""
        return next((value for value, button in self._buttons_by_value.items() if button.value), "")

    @property
    def _offered(self) -> list[str]:
        return [value for value, button in self._buttons_by_value.items() if button.display]

    def offer(self, values: Collection[str]) -> None:
        """Offer some of the values."""
        for value, button in self._buttons_by_value.items():
            button.display = value in values

    def put(self, value: str) -> None:
        """Choose a value without posting `Changed`."""
        with self.prevent(RadioButton.Changed):
            for other, button in self._buttons_by_value.items():
                button.value = other == value
        self._pressed_button = self._buttons_by_value.get(value)

    def action_choose(self, by: int) -> None:
        """Choose the option `by` places further on, without wrapping around."""
        offered = self._offered
        at = offered.index(self.value) + by if self.value in offered else 0
        self._buttons_by_value[offered[max(0, min(at, len(offered) - 1))]].value = True


Field: TypeAlias = LineField | LinesField | FlagField | ChoiceField
