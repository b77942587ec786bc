"""A row of a form: what a field is called, the field, and below it one thing to know about it."""

from __future__ import annotations

from rich.segment import Segment
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.look import look_of
from chatgrid_tui.ui.widgets.cells import cut, filled, own_words, wrapped

LABEL_WIDTH = 14
FIELD_WIDTH = 46
_WORDS_AT_MOST = 400


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


class FormRow(Widget):
    """Label, field and help. Where the screen is narrow the label stands above the field."""

    DEFAULT_CSS = """
    FormRow {
        layout: vertical;
        width: 1fr;
        height: auto;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False

    def __init__(self, label: str, field: FormField, words: str = "", *, name: str = "") -> None:
        """`words` are the help; `name` tells the row from others."""
        super().__init__(name=name)
        self.field = field
        self.stacked = False
        self._label = label
        self._help = words
        self._problem = ""
        self._lines: list[str] = []

    def compose(self) -> ComposeResult:
        """Put the field in its place."""
        yield self.field

    def on_mount(self) -> None:
        """Make room for the help."""
        self._arrange_words()

    def on_resize(self) -> None:
        """Wrap the help anew."""
        self._arrange_words()

    @property
    def problem(self) -> str:
        """What is said to be wrong; empty where nothing is."""
        return self._problem

    def show(self, words: str, problem: str = "") -> None:
        """Show other help, or in its place what is wrong."""
        if (words, problem) != (self._help, self._problem):
            self._help, self._problem = words, problem
            self.field.mark(bool(problem))
            self._arrange_words()

    def label(self, label: str) -> None:
        """Call the field something else."""
        if label != self._label:
            self._label = label
            self.refresh()

    def stack(self, stacked: bool) -> None:
        """Put the label above the field, or beside it."""
        if stacked != self.stacked:
            self.stacked = stacked
            self._arrange_words()

    def _arrange_words(self) -> None:
        """Wrap the words below the field, and leave room for them."""
        signs = look_of(self).signs
        words = f"{signs.failed} {self._problem}" if self._problem else self._help
        left = self._left
        room = (self.size.width or LABEL_WIDTH + FIELD_WIDTH) - left
        words = own_words(words[:_WORDS_AT_MOST], signs) if not self._problem else clean_line(words, _WORDS_AT_MOST)
        self._lines = wrapped(words, room) if words else []
        margin = (int(self.stacked), 0, len(self._lines), left)
        if tuple(self.field.styles.margin) != margin:
            self.field.styles.margin = margin
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a row: the label, or words below the field (Textual asks for it)."""
        look, width = look_of(self), self.size.width
        fill = look.style("text", "overlay")
        if y == 0:
            here = self.field.target.has_focus
            label = cut(self._label, width if self.stacked else LABEL_WIDTH - 1, look.signs.more)
            style = look.style("text" if here else "muted", "overlay", bold=here)
            return filled([Segment(label, style)], width, fill)
        at = y - (self.size.height - len(self._lines))
        if at < 0:
            return Strip.blank(width, fill)
        style = look.style("error" if self._problem else "muted", "overlay")
        return filled([Segment(" " * self._left, fill), Segment(self._lines[at], style)], width, fill)

    def on_descendant_focus(self) -> None:
        """Show where one is, help and all."""
        self.refresh()
        self.call_after_refresh(self.scroll_visible, animate=False)

    def on_descendant_blur(self) -> None:
        """Show that one is elsewhere."""
        self.refresh()

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self._arrange_words()
        self.field.look_changed()

    @property
    def _left(self) -> int:
        return 0 if self.stacked else LABEL_WIDTH
