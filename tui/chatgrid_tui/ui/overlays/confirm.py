"""A question before something is destroyed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.overlays.question import Question


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
