"""Margin notes: figures beside a reply on wide panes only."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from chatgrid_tui.engine.stream_report import Notice, NoticeKind, StreamReport
from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import ASCII_SIGNS, UNICODE_SIGNS, Look, Signs
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.notes import Pulse
from chatgrid_tui.ui.transcript.render.page_grid import grid_for
from ui.transcript.plain_notices import explain_plainly
from ui.transcript.support import NOON, reply, theme, turn


def noted(document: Document) -> list[str]:
    """Return the text in the margin, row by row."""
    document.settle(0, 100)
    assert document.frame is not None
    left = document.frame.grid.notes
    margin = (placed.row.strip.crop(left).text.strip() for placed in document.rows(0, document.heights.total))
    return [row for row in margin if row]


def wide(pane: int = 129, signs: Signs = UNICODE_SIGNS) -> Frame:
    return Frame(grid_for(pane, 170, 48), Look(theme(), signs))


def test_a_pulse_has_a_bar_for_each_share_of_the_time() -> None:
    pulse = Pulse()
    for second, characters in ((0, 0), (1, 10), (2, 10), (8, 110), (10, 110)):
        pulse.add(float(second), characters)
    assert pulse.bars(10.0) == "▁▂▁▁▁▁▁▁▁▁▁▁▁▁▁▇▁▁▁▁"
    assert pulse.longest_gap == 6.0
    assert not Pulse().bars(10.0)
    for number in range(5_000):
        pulse.add(10.0 + number, 110 + number)
    assert len(pulse.bars(5_010.0)) == 20


def test_notes_stand_beside_the_reply_from_its_name_line_on() -> None:
    refused = reply(state="failed", failure=Failure("http", code="overloaded", status=503))
    refused.duration = 0.5
    answer = reply(state="waiting")
    answer.started_at = NOON + timedelta(seconds=2.5)
    held = turn("Hello")
    held.replies = [refused, answer]
    document = Document(explain_plainly)
    document.show([held], wide())
    document.settle(0, 50)
    for tenth in range(1, 21):
        answer.apply(TextDelta(0, f"word {tenth}\n\n"), 0.4 + tenth / 10)
        document.stale(0)
        document.draw(0)
    answer.apply(TextDelta(0, "End."), 4.0)
    answer.apply(Finished(), 4.0)
    document.stale(0)
    document.draw(0)
    answer.apply(BodyEnded(), 4.0)
    document.stale(0)
    lines = noted(document)
    assert [line.removeprefix("│ ") for line in lines[:2]] == ["500 ms first token", "4.0 s · 21 chunks"]
    assert lines[2].endswith("  6/s")
    assert "! 503 overloaded" in lines[3]
    assert "sent again after 2.0 s" in lines[4]
    assert lines[5] == "│ ▲ longest gap 1.6 s"
    name = next(placed for placed in document.rows(0, 20) if placed.row.kind == "name" and placed.row.bubble == 0)
    assert "first token" in name.row.strip.text
    assert "first token" not in name.row.text


class Known:
    """A margin that knows how every reply streamed."""

    def __init__(self, *notices: Notice) -> None:
        self._report = StreamReport(
            chunks_per_second=8.2, events=96, size=18_400, pulse=(0.0, 1.0, *[0.5] * 18), notices=notices
        )

    def report(self, turn: Turn, reply: Reply) -> StreamReport | None:
        return self._report

    def hint(self, signs: Signs) -> str:
        return "F2 Wire"


def lines_with(margin: Known, signs: Signs = UNICODE_SIGNS) -> list[str]:
    answers = [reply("One\n\nTwo\n\nThree\n\nFour"), reply("One\n\nTwo\n\nThree\n\nFour")]
    for answer in answers:
        answer.first_token, answer.duration, answer.last_data, answer.deltas = 0.5, 4.0, 4.0, 21
    document = Document(explain_plainly)
    document.margin = margin
    document.show([turn("Hello", answer) for answer in answers], wide(signs=signs))
    return [line.lstrip("│| ") for line in noted(document)]


def test_how_a_reply_streamed_is_told_after_a_restart_too() -> None:
    older = ["500 ms first token", "4.0 s · 21 chunks", "▁▇▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅  8/s"]
    lines = lines_with(Known(Notice("split_utf8"), Notice("stall", 2.0, seconds=4.2)))
    assert lines[:5] == [*older, "▲ stall 4.2 s", "96 records · 18 kB"]
    assert lines[5:] == [*older, "▲ stall 4.2 s", "96 records · 18 kB", "F2 Wire"]
    assert "▲ split characters" in lines_with(Known(Notice("split_utf8")))
    assert not any("▲" in line for line in lines_with(Known(Notice("refused", number=503))))
    assert all(line.isascii() for line in lines_with(Known(), ASCII_SIGNS))


@pytest.mark.parametrize("kind", get_args(NoticeKind))
def test_what_is_odd_has_a_short_form_that_fits(kind: NoticeKind) -> None:
    notice = Notice(kind, 1.0, 3, 4_200.0, 1_234_567, "content_filter_of_a_model" * 9, "x")
    assert 4 < len(notice.short) <= 26


def test_a_mark_stands_above_the_figures() -> None:
    answer = reply("One\n\nTwo\n\nThree")
    answer.first_token, answer.verdict = 0.5, "wrong"
    answer.note = "It quotes the price of the room instead of the price of the table, twice, and it forgets the tax."
    document = Document(explain_plainly)
    document.show([turn("a", answer)], wide())
    assert [line.removeprefix("│ ") for line in noted(document)] == [
        "✗ Wrong",
        "  It quotes the price of the",
        "  room instead of the price",
        "  of the table, twice, and…",
        "500 ms first token",
    ]
    assert "Wrong" not in "".join(placed.row.text for placed in document.rows(0, document.heights.total))


def test_notes_are_cut_to_the_rows_of_the_reply_and_go_on_narrow_panes() -> None:
    answer = reply("Yes.")
    answer.first_token, answer.duration, answer.deltas = 0.2, 1.0, 9
    document = Document(explain_plainly)
    document.show([turn("a", answer), turn("b", queued=True)], wide())
    assert len(noted(document)) == 3
    document.show([turn("a", answer)], wide(110))
    assert not noted(document)
    document.show([turn("a", answer)], wide(signs=ASCII_SIGNS))
    assert all(line.isascii() for line in noted(document))
