"""The column of turns: rows are cached up to a bound, heights stay, and the view does not move."""

from __future__ import annotations

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.layout.row_cache import KEPT
from ui.transcript.plain_notices import explain_plainly
from ui.transcript.support import NOON, frame, reply, talk, turn


def column_of(turns: list[Turn]) -> Document:
    document = Document(explain_plainly)
    document.show(turns, frame(60))
    return document


def text(document: Document, start: int, stop: int) -> list[str]:
    return [placed.row.strip.text for placed in document.rows(start, stop)]


def test_rows_kept_are_bounded_while_reading_up() -> None:
    document = column_of(talk(2_000))
    height = 30
    top = document.heights.total - height
    for _ in range(300):
        top = document.settle(max(0, top - height), height)
        assert len(text(document, top, top + height)) == height
        assert document.row_cache.size <= KEPT + height
        assert document.drawn <= 80 + height


def test_rows_of_one_endless_reply_are_bounded_too() -> None:
    answer = reply(state="waiting")
    document = column_of([turn("Go", answer)])
    for number in range(1_500):
        answer.apply(TextDelta(0, f"Paragraph {number}.\n\n"))
        document.stale(0)
        document.draw(0)
        document.settle(document.heights.total - 30, 30)
    assert document.heights.total > 2 * 1_500
    assert document.row_cache.size <= KEPT + 30
    assert any("Paragraph 0." in row for row in text(document, 0, 10)), "and come back when they are looked at"


def test_what_is_in_view_stays_when_a_height_above_is_put_right() -> None:
    turns = talk(50)
    turns[20] = turn("Long", reply("\n".join(f"line {number}" for number in range(60)) + "\n\n" + "word " * 400))
    document = column_of(turns)
    top = document.settle(document.heights.before(25), 20)
    before = text(document, top, top + 20)
    for _ in range(3):
        top = document.settle(top - 5, 20)
    assert text(document, top + 15, top + 20) == before[:5]


def test_turns_in_view_are_drawn_further_only_as_long_as_there_is_time() -> None:
    document = column_of([turn("Go", reply("&amp;" * 400)) for _ in range(3)])
    document.settle(0, 100, go_on=lambda: False)
    assert document.behind == [0, 1, 2]
    document.settle(0, 100, go_on=iter([True, False, False]).__next__)
    assert document.behind == [1, 2]


def test_a_turn_taken_back() -> None:
    turns = [*talk(3), turn("Queued", queued=True)]
    document = column_of(turns)
    document.settle(0, 100)
    turns.pop()
    document.replaced(3)
    document.settle(0, 100)
    assert len(document.heights) == 3
    assert not any("Queued" in row for row in text(document, 0, 100))


def test_turns_not_announced_yet_do_no_harm() -> None:
    turns: list[Turn] = []
    document = column_of(turns)
    turns.append(turn("New", reply("x")))
    assert document.settle(0, 10) == 0
    assert text(document, 0, 10) == []
    assert document.tick(NOON) == []
    document.added(0)
    assert document.settle(0, 10) == 0
    assert any("New" in row for row in text(document, 0, 10))


def test_a_new_reply_makes_earlier_offers_past_ones() -> None:
    """Its turn is added first, while the offers before it are still the newest."""
    offering = reply("A table?", suggestions=[{"label": "Yes", "payload": "y"}])
    turns = [turn("Hello", offering)]
    document = column_of(turns)
    document.settle(0, 50)
    assert any("1 Yes" in line for line in text(document, 0, document.heights.total))
    turns.append(turn("And now?", None))
    document.added(1)
    document.settle(0, 50)
    turns[1].replies.append(reply("", state="waiting"))
    assert document.stale(1) == {0, 1}
    document.settle(0, 50)
    lines = text(document, 0, document.heights.total)
    assert any("Yes" in line for line in lines)
    assert not any("1 Yes" in line for line in lines)


def test_a_turn_is_found_by_itself_and_not_by_what_it_says() -> None:
    turns = talk(3)
    (same_words,) = talk(1)
    document = column_of(turns)
    assert [document.index_of(turn) for turn in turns] == [0, 1, 2]
    assert document.index_of(same_words) is None
