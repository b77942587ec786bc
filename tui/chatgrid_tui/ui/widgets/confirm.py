"""A question before something is destroyed."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chatgrid_tui.text import clean
from chatgrid_tui.ui.look import Look, look_of
from chatgrid_tui.ui.widgets.cells import cut, filled, wrapped
from chatgrid_tui.ui.widgets.overlay import OverlayScreen

_LEFT = 2


class _Question(Widget, can_focus=True):
    """The words and the two answers."""

    DEFAULT_CSS = """
    _Question {
        width: 1fr;
        height: auto;
        margin: 1 1;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False

    class Answered(Message):
        """One of the answers was clicked."""

        def __init__(self, yes: bool) -> None:
            super().__init__()
            self.yes = yes

    def __init__(self, title: str, words: str, answers: tuple[str, str]) -> None:
        super().__init__()
        self._title = clean(title)
        self._words = clean(words)
        self._answers = answers
        self.chosen = 1
        """Which answer Enter gives: 0 destroys, 1 keeps. It begins on keeping."""
        self._places: list[range] = []

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows that title, words and answers take (Textual asks for it)."""
        return len(self._text_lines(width)) + 4

    def choose(self, answer: int) -> None:
        """Choose an answer."""
        self.chosen = answer
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a row (Textual asks for it)."""
        look, width = look_of(self), self.size.width
        lines = self._text_lines(width)
        fill = look.style("text", "overlay")
        left = Segment(" " * _LEFT, fill)
        if y == 0:
            title = cut(self._title, width - 2 * _LEFT, look.signs.more)
            return filled([left, Segment(title, look.style("text", "overlay", bold=True))], width, fill)
        if 2 <= y < 2 + len(lines):
            return filled([left, Segment(lines[y - 2], fill)], width, fill)
        if y == 3 + len(lines):
            return filled([left, *self._buttons(look)], width, fill)
        return Strip.blank(width, fill)

    def on_click(self, event: events.Click) -> None:
        """Give the answer that was clicked."""
        if event.y != len(self._text_lines(self.size.width)) + 3:
            return
        for answer, place in enumerate(self._places):
            if event.x in place:
                event.stop()
                self.post_message(self.Answered(answer == 0))

    def _text_lines(self, width: int) -> list[str]:
        return wrapped(self._words, width - 2 * _LEFT)

    def _buttons(self, look: Look) -> list[Segment]:
        segments: list[Segment] = []
        self._places = []
        at = _LEFT
        for answer, label in enumerate(self._answers):
            words = f"[{label}]" if look.theme.flat else f" {label} "
            if answer == self.chosen:
                style = look.style("on_accent", "accent", bold=True, reverse=look.theme.flat)
            else:
                style = look.style("text", "select")
            segments += [Segment(words, style), Segment("  ", look.style("text", "overlay"))]
            self._places.append(range(at, at + len(words)))
            at += len(words) + 2
        return segments


class ConfirmScreen(OverlayScreen[bool]):
    """Says what is destroyed and gives back whether to do it. The answer that keeps is chosen at first."""

    DEFAULT_CSS = """
    ConfirmScreen Overlay {
        max-width: 60;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up,shift+tab", "choose(0)", "Choose", show=False, priority=True),
        Binding("right,down", "choose(1)", "Choose", show=False, priority=True),
        Binding("tab", "other", "Choose", show=False, priority=True),
        Binding("enter", "answer", "Answer", show=False, priority=True),
        Binding("escape", "close", "Keep", show=False, priority=True),
    ]

    def __init__(self, title: str, words: str, yes: str = "Delete", no: str = "Keep") -> None:
        """`words` say what is destroyed."""
        super().__init__()
        self._question = _Question(title, words, (yes, no))

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._question

    def action_choose(self, answer: int) -> None:
        """Choose an answer."""
        self._question.choose(answer)

    def action_other(self) -> None:
        """Choose the other answer."""
        self._question.choose(1 - self._question.chosen)

    def action_answer(self) -> None:
        """Give the chosen answer."""
        self.dismiss(self._question.chosen == 0)

    def action_close(self) -> None:
        """Do nothing."""
        self.dismiss(False)

    def on__question_answered(self, event: _Question.Answered) -> None:
        """Give the answer that was clicked."""
        event.stop()
        self.dismiss(event.yes)
