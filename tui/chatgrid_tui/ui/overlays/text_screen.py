"""A text over the page, to be read, selected and copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from chatgrid_tui.text import clean
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.terminal.clipboard import selection_name
from chatgrid_tui.ui.widgets.cluster_text_area import ClusterTextArea
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar

SHOWN_AT_MOST: Final = 200_000
"""Characters that are shown. Wrapping a million takes 0.4 s."""
_FRAME_ROWS: Final = 6


class _HeadedTextArea(ClusterTextArea):
    """A text area in which lines without an indent are headings, but for the first."""

    def get_line(self, line_index: int) -> Text:
        """Overrides `TextArea.get_line`."""
        line = super().get_line(line_index)
        if line_index and line.plain[:1].strip():
            line.stylize("bold")
        return line


class TextScreen(OverlayScreen[None]):
    """Shows a text. Esc, Enter or a click outside closes it. Ctrl+C copies what is selected, or all of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,super+c", "copy", "Copy", show=False, priority=True),
        Binding("enter", "close", "Close", show=False, priority=True),
        Binding("home", "edge('start')", "To the beginning", show=False, priority=True),
        Binding("end", "edge('end')", "To the end", show=False, priority=True),
        Binding("shift+home", "edge('start', True)", "Select to the beginning", show=False, priority=True),
        Binding("shift+end", "edge('end', True)", "Select to the end", show=False, priority=True),
        Binding("ctrl+a", "select_all", "Select all", show=False, priority=True),
    ]

    def __init__(
        self, title: str, text: str, *, has_headings: bool = False, more_hints: Sequence[KeyHint] = ()
    ) -> None:
        """`has_headings`: lines of the text without an indent are headings, but for the first. `more_hints` are shown
        after the usual keys.
        """
        super().__init__()
        self.title, self.text = title, text
        self._title = Title(title)
        area = _HeadedTextArea if has_headings else ClusterTextArea
        self._area = area(_shown(text), read_only=True, soft_wrap=True, show_line_numbers=False)
        self._area.cursor_blink = False
        self._keys = KeyBar(surface="overlay", margin=2)
        self._more_hints = more_hints
        self._show_hints()

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._title
            yield self._area
            yield self._keys

    def on_mount(self) -> None:
        """Let the keys move and select in the text."""
        use_plain_scroll_bar(self._area)
        self._area.focus()

    def on_text_area_selection_changed(self) -> None:
        """Name what Ctrl+C copies now."""
        self._show_hints()

    def _show_hints(self) -> None:
        what = "Copy all" if self._area.selection.is_empty else "Copy selection"
        hints = (("close", "escape", "Close"), ("copy", "ctrl+c", what), ("", "shift+up shift+down", "Select"))
        usual = [KeyHint(action, (key,), label) for action, key, label in hints]
        self._keys.show([usual[0], *self._more_hints, *usual[1:]])

    def retitle(self, title: str) -> None:
        """Show another title."""
        self.title = title
        self._title.show(title)

    def put(self, text: str) -> None:
        """Show another text under the same title."""
        self.text = text
        self._area.load_text(_shown(text))

    def fit(self, top: int, height: int) -> None:
        """Let a text without room scroll."""
        self._area.styles.max_height = max(1, height - top - _FRAME_ROWS)

    def action_edge(self, edge: Literal["start", "end"], select: bool = False) -> None:
        """Go to the first or the last character."""
        self._area.move_cursor(self._area.document.end if edge == "end" else (0, 0), select=select)

    def action_select_all(self) -> None:
        """Select all text."""
        self._area.select_all()

    def action_copy(self) -> None:
        """Copy the selected text, or all of it."""
        selected = self._area.selected_text
        self.copy(selected or self.text, selection_name(selected) if selected else "all of it")


def _shown(text: str) -> str:
    cleaned = clean(text)
    if len(cleaned) <= SHOWN_AT_MOST:
        return cleaned
    return f"{cleaned[:SHOWN_AT_MOST]}\n\n{len(cleaned) - SHOWN_AT_MOST:,} more characters. Ctrl+C copies them too."


def show_text(app: App[object], title: str, words: str) -> TextScreen:
    """Show a text over the page. If the same is shown already, it stays."""
    top = app.screen
    if isinstance(top, TextScreen) and (top.title, top.text) == (title, words):
        return top
    screen = TextScreen(title, words)
    app.push_screen(screen)
    return screen
