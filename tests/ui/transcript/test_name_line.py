"""What the line above a reply shows while one of its bubbles has the cursor or the mouse."""

from __future__ import annotations

from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.transcript.transcript_messages import SourceCopied, TaskRequested
from ui.transcript.support import Shown, reply, turn


async def test_tasks_on_the_name_line_are_for_the_mouse_as_well() -> None:
    app = Shown([turn("Go", reply("One.", "Two."))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for name in ("Copy", "Quote", "Menu"):
            await pilot.hover(Transcript, offset=(30, 2))
            await pilot.click(Transcript, offset=app.row_with(name))
        await pilot.pause()
        assert app.heard(SourceCopied) == [SourceCopied("One.", "bubble 1 of 2 (4 characters)")]
        assert app.heard(TaskRequested) == [
            TaskRequested("quote"),
            TaskRequested("menu"),
        ]


async def test_figures_give_way_to_tasks() -> None:
    answer = reply("One.")
    answer.first_token, answer.duration, answer.deltas = 0.5, 2.5, 124
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.lines()[2].endswith("· first token 500 ms · 2.5 s · 62 chunks/s")
        await pilot.press("shift+tab")
        await pilot.pause()
        name, _, tasks = app.lines()[2].strip().partition("  Ctrl+C")
        assert name.strip().endswith("12:00")
        assert tasks == " Copy   Ctrl+U Quote   F9 Menu"
