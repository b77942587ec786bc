"""The title of a pane, and the row above the composer."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from chatgrid_tui.ui.widgets.gap_line import GapLine
from chatgrid_tui.ui.widgets.header import Header
from quiet import until
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "  Refund for order 8841" + " " * 45 + "● 3 unread"),
        (34, " Refund for order 88…  ● 3 unread"),
        (20, " Refund for order …"),
        (1, ""),
    ],
)
async def test_the_title_is_cut_and_the_right_side_gives_way(width: int, line: str) -> None:
    header = Header()
    app = FrameApp(header)
    async with app.run_test(size=(width, 2)) as pilot:
        header.show("Refund for order 8841", "3 unread", "unread")
        await pilot.pause()
        assert app.lines()[0] == line


async def test_the_way_to_the_newest_text() -> None:
    gap = GapLine()
    app = FrameApp(gap)
    async with app.run_test(size=(80, 2), message_hook=app.hear) as pilot:
        await pilot.pause()
        assert app.lines()[0] == ""
        gap.show_below(1_016)
        await pilot.pause()
        assert app.lines()[0].endswith(" ↓ 1,016 new lines · End")
        await pilot.click(GapLine, offset=(10, 0))
        assert not app.heard_of(GapLine.NewestAsked)
        await pilot.click(GapLine, offset=(70, 0))
        assert len(app.heard_of(GapLine.NewestAsked)) == 1
        gap.show_below(1)
        await pilot.pause()
        assert app.lines()[0].endswith(" ↓ 1 new line · End")


async def test_a_toast_passes() -> None:
    gap = GapLine()
    app = FrameApp(gap)
    async with app.run_test(size=(80, 2)) as pilot:
        gap.toast("Copied.", seconds=60)
        gap.toast("Sent to the terminal's clipboard.", seconds=60)
        await pilot.pause()
        assert app.lines()[0] == "    Sent to the terminal's clipboard."
        gap.toast("Sent.", seconds=0.05)
        await until(lambda: app.lines()[0] == "")


async def test_a_note_ends_the_toast_before_it() -> None:
    gap = GapLine()
    app = FrameApp(gap)
    async with app.run_test(size=(40, 2)) as pilot:
        gap.toast("Only the newest message can get another reply.", seconds=60)
        gap.note("Said before, 1 of 3")
        await pilot.pause()
        assert app.lines()[0] == "   Said before, 1 of 3"
        assert not gap.long_toast.display
        gap.toast("There is nothing before it.", seconds=60)
        gap.note("Said before, 1 of 3")
        await pilot.pause()
        assert app.lines()[0] == "   There is nothing before it."


async def test_a_long_toast_lies_over_what_is_above_and_moves_nothing() -> None:
    gap = GapLine()
    app = FrameApp(Static("first\nsecond\nthird"), gap, gap.long_toast, Static("below"))
    async with app.run_test(size=(40, 6)) as pilot:
        gap.long_toast.styles.max_width = 40
        gap.toast("Only replies that are saved here can be marked.", seconds=60)
        await pilot.pause()
        assert app.lines()[:5] == ["first", "second", " Only replies that are saved here can", " be marked.", "below"]
        await pilot.resize_terminal(60, 6)
        await pilot.pause()
        assert [line.strip() for line in app.lines()[2:5]] == [
            "third",
            "Only replies that are saved here can be marked.",
            "below",
        ]
        gap.toast("Only replies that are saved here can be marked, and none that is elsewhere.", seconds=0.05)
        await until(lambda: app.lines()[2:5] == ["third", "", "below"])


async def test_hostile_texts_are_only_text() -> None:
    header, gap = Header(), GapLine()
    app = FrameApp(header, gap)
    async with app.run_test(size=(80, 3)) as pilot:
        for width in (1, 12, 80):
            await pilot.resize_terminal(width, 3)
            for text in HOSTILE.values():
                header.show(text, text, "failed")
                gap.toast(text)
                gap.show_below(3)
                await pilot.pause()
                assert not controls_in(app.lines())
