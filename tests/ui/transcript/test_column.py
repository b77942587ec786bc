"""The column: rows are kept up to a number, heights stay, and what is in view does not move."""

from __future__ import annotations

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.ui.transcript.column import Column
from chatgrid_tui.ui.transcript.shelf import KEPT
from ui.transcript.plain_words import explain_plainly
from ui.transcript.support import NOON, frame, reply, talk, turn


def column_of(turns: list[Turn]) -> Column:
    column = Column(explain_plainly)
    column.show(turns, frame(60))
    return column


def text(column: Column, start: int, stop: int) -> list[str]:
    return [placed.row.strip.text for placed in column.rows(start, stop)]


def test_rows_kept_are_bounded_while_reading_up() -> None:
    column = column_of(talk(2_000))
    height = 30
    top = column.heights.total - height
    for _ in range(300):
        top = column.settle(max(0, top - height), height)
        assert len(text(column, top, top + height)) == height
        assert column.shelf.size <= KEPT + height
        assert column.drawn <= 80 + height


def test_rows_of_one_endless_reply_are_bounded_too() -> None:
    answer = reply(state="waiting")
    column = column_of([turn("Go", answer)])
    for number in range(1_500):
        answer.apply(TextDelta(0, f"Paragraph {number}.\n\n"))
        column.stale(0)
        column.draw(0)
        column.settle(column.heights.total - 30, 30)
    assert column.heights.total > 2 * 1_500
    assert column.shelf.size <= KEPT + 30
    assert any("Paragraph 0." in row for row in text(column, 0, 10)), "and come back when they are looked at"


def test_what_is_in_view_stays_when_a_height_above_is_put_right() -> None:
    turns = talk(50)
    turns[20] = turn("Long", reply("\n".join(f"line {number}" for number in range(60)) + "\n\n" + "word " * 400))
    column = column_of(turns)
    top = column.settle(column.heights.before(25), 20)
    before = text(column, top, top + 20)
    for _ in range(3):
        top = column.settle(top - 5, 20)
    assert text(column, top + 15, top + 20) == before[:5]


def test_a_turn_taken_back() -> None:
    turns = [*talk(3), turn("Queued", queued=True)]
    column = column_of(turns)
    column.settle(0, 100)
    turns.pop()
    column.replaced(3)
    column.settle(0, 100)
    assert len(column.heights) == 3
    assert not any("Queued" in row for row in text(column, 0, 100))


def test_turns_not_announced_yet_do_no_harm() -> None:
    turns: list[Turn] = []
    column = column_of(turns)
    turns.append(turn("New", reply("x")))
    assert column.settle(0, 10) == 0
    assert text(column, 0, 10) == []
    assert column.tick(NOON) == []
    column.added(0)
    assert column.settle(0, 10) == 0
    assert any("New" in row for row in text(column, 0, 10))


def test_a_reply_that_begins_makes_past_offers_of_the_ones_before() -> None:
    """Its turn is added first, while the offers before it are still the newest."""
    offering = reply("A table?", suggestions=[{"label": "Yes", "payload": "y"}])
    turns = [turn("Hello", offering)]
    column = column_of(turns)
    column.settle(0, 50)
    assert any("1 Yes" in line for line in text(column, 0, column.heights.total))
    turns.append(turn("And now?", None))
    column.added(1)
    column.settle(0, 50)
    turns[1].replies.append(reply("", state="waiting"))
    assert column.stale(1) == {0, 1}
    column.settle(0, 50)
    lines = text(column, 0, column.heights.total)
    assert any("Yes" in line for line in lines)
    assert not any("1 Yes" in line for line in lines)
