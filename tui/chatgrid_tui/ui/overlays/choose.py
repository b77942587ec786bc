"""A question that has more answers than two."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.overlays.question import Question


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
