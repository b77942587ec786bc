"""A question with its answers, drawn on an overlay."""

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
from chatgrid_tui.ui.appearance import Look, look_of
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.widgets.cells import cut, filled, wrapped

_LEFT = 2


class Question(Widget, can_focus=True):
    """What is asked, the words to it, and the answers."""

    DEFAULT_CSS = """
    Question {
        width: 1fr;
        height: auto;
        margin: 1 1;
        background: $cg-overlay;
    }
    """
    ALLOW_SELECT = False

    class Answered(Message):
        """One of the answers was clicked."""

        def __init__(self, answer: int) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self, title: str, words: str, answers: tuple[str, ...]) -> None:
        """The last of the answers is the one that changes nothing; it is chosen at first."""
        super().__init__()
        self._title = clean(title)
        self._words = clean(words)
        self._answers = answers
        self.chosen = len(answers) - 1
        """Which answer Enter gives."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows that title, words and answers take (Textual asks for it)."""
        return len(self._text_lines(width)) + 3 + len(self._answer_lines(width))

    def choose(self, answer: int) -> None:
        """Choose an answer; beyond the last one, that."""
        self.chosen = max(0, min(answer, len(self._answers) - 1))
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
        answers = self._answer_lines(width)
        if 0 <= y - 3 - len(lines) < len(answers):
            return filled([left, *self._buttons(look, answers[y - 3 - len(lines)])], width, fill)
        return Strip.blank(width, fill)

    def on_click(self, event: events.Click) -> None:
        """Give the answer that was clicked."""
        width = self.size.width
        line = event.y - len(self._text_lines(width)) - 3
        answers = self._answer_lines(width)
        if not 0 <= line < len(answers):
            return
        at = _LEFT
        for answer in answers[line]:
            if at <= event.x < at + len(self._answers[answer]) + 2:
                event.stop()
                self.post_message(self.Answered(answer))
            at += len(self._answers[answer]) + 4

    def _text_lines(self, width: int) -> list[str]:
        return wrapped(self._words, width - 2 * _LEFT)

    def _answer_lines(self, width: int) -> list[list[int]]:
        """Return which answers stand on each line: as many as there is room for."""
        lines: list[list[int]] = []
        room = 0
        for answer, label in enumerate(self._answers):
            if room < len(label) + 2:
                lines.append([])
                room = width - 2 * _LEFT
            lines[-1].append(answer)
            room -= len(label) + 4
        return lines

    def _buttons(self, look: Look, answers: list[int]) -> list[Segment]:
        segments: list[Segment] = []
        for answer in answers:
            label = self._answers[answer]
            words = f"[{label}]" if look.theme.flat else f" {label} "
            if answer == self.chosen:
                style = look.style("on_accent", "accent", bold=True, reverse=look.theme.flat)
            else:
                style = look.style("text", "select")
            segments += [Segment(words, style), Segment("  ", look.style("text", "overlay"))]
        return segments


class ChooseScreen(OverlayScreen[int]):
    """Gives back the number of the answer, counted from 0; None where it was closed. The last answer is the one that
    changes nothing, and is chosen at first.
    """

    DEFAULT_CSS = """
    ChooseScreen Overlay {
        max-width: 66;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "move(-1)", "Choose", show=False, priority=True),
        Binding("right,down", "move(1)", "Choose", show=False, priority=True),
        Binding("tab", "turn(1)", "Choose", show=False, priority=True),
        Binding("shift+tab", "turn(-1)", "Choose", show=False, priority=True),
        Binding("enter", "answer", "Answer", show=False, priority=True),
        Binding("escape", "close", "Keep", show=False, priority=True),
    ]

    def __init__(self, title: str, words: str, answers: tuple[str, ...]) -> None:
        """`words` say what each answer does."""
        super().__init__()
        self._answers = len(answers)
        self._question = Question(title, words, answers)

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._question

    def action_move(self, by: int) -> None:
        """Choose another answer."""
        self._question.choose(self._question.chosen + by)

    def action_turn(self, by: int) -> None:
        """Choose another answer; behind the last one comes the first."""
        self._question.choose((self._question.chosen + by) % self._answers)

    def action_answer(self) -> None:
        """Give the chosen answer."""
        self.dismiss(self._question.chosen)

    def on_question_answered(self, event: Question.Answered) -> None:
        """Give the answer that was clicked."""
        event.stop()
        self.dismiss(event.answer)


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
        self._question = Question(title, words, (yes, no))

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

    def on_question_answered(self, event: Question.Answered) -> None:
        """Give the answer that was clicked."""
        event.stop()
        self.dismiss(event.answer == 0)
