"""A row of a form: the label, the field, and below it the help or what is wrong."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.widgets.cells import cut, filled, own_words, wrapped

LABEL_WIDTH = 14
_WORDS_AT_MOST = 400


class _Help(Widget):
    """The text below a field: the help, or what is wrong."""

    DEFAULT_CSS = """
    _Help {
        width: 1fr;
        height: auto;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.problem = ""
        self.display = bool(words)

    def show(self, words: str, problem: str) -> None:
        """Show another text."""
        self.words, self.problem = words, problem
        self.display = bool(words or problem)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Overrides `Widget.get_content_height`."""
        return len(self._wrapped(look_of(self), width))

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        lines = self._wrapped(look, width)
        words = Segment(
            lines[y] if y < len(lines) else "", look.style("error" if self.problem else "muted", "overlay")
        )
        return filled([words], width, look.style("text", "overlay"))

    def _wrapped(self, look: Look, width: int) -> list[str]:
        if self.problem:  # it may repeat what was typed
            return wrapped(clean_line(f"{look.signs.failed} {self.problem}", _WORDS_AT_MOST), width)
        return wrapped(own_words(self.words[:_WORDS_AT_MOST], look.signs), width)


class FormRow(Widget):
    """Label, field and help. On a narrow screen the label is above the field."""

    DEFAULT_CSS = """
    FormRow {
        layout: vertical;
        width: 1fr;
        height: auto;
        background: $cg-overlay;

        & > FormField, & > _Help {
            margin-left: 14;
        }
        &.-stacked > FormField, &.-stacked > _Help {
            margin-left: 0;
        }
        &.-stacked > FormField {
            margin-top: 1;
        }
    }
    """
    ALLOW_SELECT = False

    def __init__(self, label: str, field: FormField, words: str = "", *, name: str = "") -> None:
        """`words` are the help; `name` identifies the row."""
        super().__init__(name=name)
        self.field = field
        self._label = label
        self._help = _Help(words)

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield self.field
        yield self._help

    @property
    def problem(self) -> str:
        """What is wrong; empty if nothing is."""
        return self._help.problem

    def show(self, words: str, problem: str = "") -> None:
        """Show another help text, or what is wrong instead."""
        if (words, problem) != (self._help.words, self._help.problem):
            self._help.show(words, problem)
            self.field.mark(bool(problem))
            if self.field.target.has_focus:  # it may have grown out of sight
                self.call_after_refresh(self.scroll_visible, animate=False)

    def label(self, label: str) -> None:
        """Change the label."""
        if label != self._label:
            self._label = label
            self.refresh()

    def stack(self, stacked: bool) -> None:
        """Put the label above the field, or next to it."""
        self.set_class(stacked, "-stacked")

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        look, width = look_of(self), self.size.width
        fill = look.style("text", "overlay")
        if y:
            return Strip.blank(width, fill)
        here = self.field.target.has_focus
        room = width if self.has_class("-stacked") else LABEL_WIDTH - 1
        style = look.style("text" if here else "muted", "overlay", bold=here)
        return filled([Segment(cut(self._label, room, look.signs.more), style)], width, fill)

    def on_descendant_focus(self) -> None:
        """Draw the focus, and scroll the whole row into view."""
        self.refresh()
        self.call_after_refresh(self.scroll_visible, animate=False)

    def on_descendant_blur(self) -> None:
        """Draw the lost focus."""
        self.refresh()

    def look_changed(self) -> None:
        """Draw again after the colours or signs changed."""
        self.refresh()
        self._help.refresh(layout=True)
        self.field.look_changed()
