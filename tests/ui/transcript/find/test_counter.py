"""Counting matches in turns: all text that is read, folded or not, and nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.transcript.find.counter import MatchCounter, TurnText, order_from
from chatgrid_tui.ui.transcript.find.matching import Needle
from chatgrid_tui.ui.transcript.layout.document import Document
from ui.transcript.plain_notices import explain_plainly
from ui.transcript.support import NOON, frame, reply, turn


def text_of(shown: Turn, width: int = 40) -> str:
    """Return what is read of a turn."""
    turn_text = TurnText(0, frame(width))
    for _ in turn_text.read(shown):
        pass
    return turn_text.text


def test_my_message_and_every_bubble_and_file_are_read() -> None:
    said = turn("Mine", reply("one", "two", attachments=[{"url": "https://f.example/menu.pdf"}]))
    lines = text_of(said).split("\n")
    assert lines[:3] == ["Mine", "one", "two"]
    assert "menu.pdf" in lines[3]
    assert len(lines) == 4, "neither names nor times are a message"


@pytest.mark.parametrize(
    "text",
    [
        "|a|\n|-|\n" + "|needle|\n" * 900,
        "```\n" + "needle, and more\n" * 9_000 + "```",
        "needle\n\n" * 5_000,  # more paragraphs than are shown
        ("needle " * 400 + "\n\n") * 80,  # more characters
    ],
)
def test_folded_text_is_counted(text: str) -> None:
    assert Needle("needle").count(text_of(turn("Go", reply(text)))) == text.count("needle")


def test_a_long_message_of_mine_is_counted() -> None:
    assert Needle("needle").count(text_of(turn("needle " * 9_000))) == 9_000


@given(st.text(alphabet="ab *`|\n-#", max_size=120), st.lists(st.integers(1, 9), min_size=1, max_size=20))
@example("`\n``|\n--`", [8])  # what looks like the line below a table's head may still become another
def test_a_growing_text_reads_as_a_whole_one(text: str, sizes: list[int]) -> None:
    answer = Reply(1, "support-bot", NOON)
    held = turn("Go", answer)
    turn_text = TurnText(0, frame(20))
    at = 0
    for size in sizes:
        answer.apply(TextDelta(0, text[at : at + size]))
        at += size
        for _ in turn_text.read(held):
            pass
    answer.apply(TextDelta(0, text[at:]))
    answer.apply(Finished())
    answer.apply(BodyEnded())
    for _ in turn_text.read(held):
        pass
    assert turn_text.text == text_of(turn("Go", reply(text)), 20)


def test_counting_in_a_conversation() -> None:
    turns = [turn(f"Question {number}", reply("**a**b" if number % 3 else "ab ab")) for number in range(9)]
    document = Document(explain_plainly)
    document.show(turns, frame(40))
    counter = MatchCounter(document)
    counter.look_for(Needle("AB"))
    for _ in counter.count_all(order_from(4, 9)):
        pass
    assert counter.complete
    assert counter.total == 12
    assert counter.before(4) == 6
    turns[4].first_shown = "abab"
    counter.changed(4)
    assert counter.total == 12, "what was counted holds until it is looked at again"
    for _ in counter.count_all(order_from(8, 9)):
        pass
    assert counter.total == 14
    counter.forget(4)
    assert (counter.total, counter.complete) == (6, False)


@pytest.mark.parametrize("steps", range(1, 10))
def test_a_cancelled_count_in_a_live_reply_counts_nothing_twice(steps: int) -> None:
    answer = Reply(1, "support-bot", NOON)
    answer.apply(TextDelta(0, "needle\n\n" * 200))
    document = Document(explain_plainly)
    document.show([turn("Go", answer)], frame(40))
    counter = MatchCounter(document)
    counter.look_for(Needle("needle"))
    for _ in zip(range(steps), counter.count_in(0), strict=False):
        pass
    for _ in counter.count_in(0):
        pass
    assert counter.total == 200


def test_the_nearest_turns_come_first() -> None:
    assert list(order_from(2, 5)) == [2, 1, 0, 3, 4]
    assert list(order_from(7, 3)) == [2, 1, 0]
    assert list(order_from(0, 0)) == []
