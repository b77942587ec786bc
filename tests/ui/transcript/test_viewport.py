"""The viewport and the cursor without an app: what is in view, what changed, and where the cursor is."""

from __future__ import annotations

from collections.abc import Sequence

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.transcript.cursor import Cursor
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.targets import SuggestionTarget
from chatgrid_tui.ui.transcript.viewport import Viewport
from ui.transcript.plain_notices import explain_plainly
from ui.transcript.support import NOON, frame, reply, talk, turn

HEIGHT = 12


class Viewed:
    """A viewport on turns, and the changes that it reported."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.changes: list[int | None] = []
        self.viewport = Viewport(Document(explain_plainly), self.changes.append)
        self.viewport.resize(frame(60), HEIGHT)
        self.viewport.show(turns, at_end=True)
        self.changes.clear()

    def lines(self) -> list[str]:
        return [placed.row.strip.text.rstrip() for placed in self.viewport.window]

    def arrive(self, text: str) -> None:
        """Let text arrive in the reply of the last turn, and draw it."""
        turns = self.viewport.document.turns
        live = turns[-1].reply
        assert live is not None
        live.apply(TextDelta(0, text))
        self.viewport.redraw(len(turns) - 1)
        self.viewport.draw_changes()


def test_new_text_is_followed_at_the_end_only() -> None:
    view = Viewed([*talk(10), turn("Go", Reply(2, "support-bot", NOON))])
    view.arrive("One.\n\nTwo.\n\nThree.")
    assert any("Three." in line for line in view.lines())
    view.viewport.scroll(view.viewport.top - 5)
    before, top = view.lines(), view.viewport.top
    view.arrive("\n\nFour.\n\nFive.")
    assert (view.lines(), view.viewport.top) == (before, top)
    assert (view.viewport.following, view.viewport.new_lines) == (False, 4)
    view.viewport.scroll(view.viewport.end)
    assert (view.viewport.following, view.viewport.new_lines) == (True, 0)


def test_the_first_line_that_looks_different_is_reported() -> None:
    view = Viewed([turn("Go", Reply(2, "support-bot", NOON))])
    view.viewport.resize(frame(60), 60)
    for number in range(12):
        view.arrive(f"Paragraph {number} has words enough for the whole width of the sheet, and a second row.\n\n")
    view.changes.clear()
    before = view.lines()
    view.arrive("The last one.")
    (first,) = view.changes
    assert first is not None
    assert view.lines()[:first] == before[:first]
    assert any("Paragraph 10 " in line for line in before[:first]), "a finished paragraph is not drawn again"


def test_a_hold_is_kept_at_the_end_until_it_is_released() -> None:
    view = Viewed([*talk(10), turn("Go", Reply(2, "support-bot", NOON))])
    view.viewport.hold()
    before = view.lines()
    view.arrive("One.")
    view.arrive("\n\nTwo.\n\nThree.")
    assert view.lines()[:4] == before[:4]
    view.viewport.release()
    assert not view.viewport.following, "this is no longer the end"


def test_merged_turns_keep_the_line_and_report_the_new_places() -> None:
    turns = talk(40)
    view = Viewed(turns[20:30])
    view.viewport.scroll(8)
    before = view.lines()
    moved = view.viewport.merge(turns)
    assert view.lines() == before
    assert moved == {number: number + 20 for number in range(10)}
    assert view.viewport.new_lines > 0, "ten turns came below"
    assert view.viewport.merge(turns[25:]) == {number: number - 25 for number in range(25, 40)}


def test_the_cursor_moves_over_bubbles_and_buttons() -> None:
    turns = [*talk(1), turn("Which?", reply("This?", suggestions=[{"label": "Yes"}, {"label": "No"}]))]
    view = Viewed(turns)
    cursor = Cursor(view.viewport)
    assert cursor.select_offer()
    assert cursor.beside(1, 0)
    assert cursor.target == SuggestionTarget(1, 1)
    assert not cursor.beside(1, 0)
    assert cursor.numbered("1") == SuggestionTarget(1, 0)
    places = []
    while cursor.move(-1):
        places.append(cursor.bubble)
    assert places == [(1, 0), (1, -1), (0, 0), (0, -1)]
    cursor.turns_merged({0: 5, 1: 6})
    assert cursor.bubble == (5, -1)
    cursor.turns_replaced(3)
    assert cursor.bubble is None
