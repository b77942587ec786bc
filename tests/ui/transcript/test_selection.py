"""Selecting over the whole conversation: outside the view, while text arrives, and by keys."""

from __future__ import annotations

import pytest
from textual import events
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.transcript import selection
from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.transcript.transcript_messages import LinkOpened, SourceCopied
from quiet import until
from ui.transcript.support import NOON, Shown, reply, settled, talk, turn


async def drag(pilot: Pilot[None], start: tuple[int, int]) -> None:
    """Press the button and move a little."""
    await pilot.mouse_down(Transcript, offset=start)
    await pilot.hover(Transcript, offset=(start[0] + 1, start[1]))


def beyond(app: Shown, x: int, y: int, event: type[events.MouseEvent] = events.MouseMove) -> None:
    """Move the mouse to a cell inside or outside the transcript, as terminals report it during a drag."""
    x, y = app.pane.region.x + x, app.pane.region.y + y
    app.screen._forward_event(event(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y))


@pytest.fixture
def fast_drag(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scroll a long way in a moment while the mouse is outside the view."""
    monkeypatch.setattr(selection, "_TICK", 0.001)


def selected(app: Shown) -> str:
    """Return what would be copied."""
    return app.screen.get_selected_text() or ""


@pytest.mark.usefixtures("fast_drag")
async def test_a_drag_below_the_view_selects_turns_not_drawn_yet() -> None:
    app = Shown(talk(200))
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.action_oldest()
        await pilot.pause()
        await drag(pilot, app.row_with("Question 0"))
        beyond(app, 40, app.pane.size.height + 3)
        await until(lambda: "Answer 30." in selected(app))
        beyond(app, 40, app.pane.size.height + 3, events.MouseUp)
        await pilot.pause()
        text, top = selected(app), app.pane.scroll_offset.y
        assert text.startswith("Question 0\n")
        for number in range(1, 30):
            assert f"Question {number}\n\nAnswer {number}.\n\n- one\n- two" in text, "whole turns are their source"
        await settled(pilot)
        assert (selected(app), app.pane.scroll_offset.y) == (text, top), "it ends with the button"


@pytest.mark.usefixtures("fast_drag")
async def test_a_drag_above_the_view_reaches_the_first_turn() -> None:
    app = Shown(talk(60))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await drag(pilot, app.row_with("Answer 59."))
        beyond(app, 10, -3)
        await until(lambda: app.pane.scroll_offset.y == 0)
        beyond(app, 10, -3, events.MouseUp)
        text = selected(app)
        assert "Question 1\n\nAnswer 1." in text
        assert text.count("Question") == 60


async def test_streaming_text_moves_nothing_during_a_drag() -> None:
    answer = Reply(2, "support-bot", NOON)
    app = Shown([*talk(10), turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        answer.apply(TextDelta(0, "Words that are there.\n\n"))
        app.pane.turn_changed(app.pane.document.turns[10])
        await settled(pilot)
        x, y = app.row_with("Words")
        await drag(pilot, (x, y))
        before = app.lines()[:y]
        for number in range(30):
            answer.apply(TextDelta(0, f"More {number}.\n\n"))
            app.pane.turn_changed(app.pane.document.turns[10])
            await pilot.hover(Transcript, offset=(x + 4, y))
        await settled(pilot)
        assert app.lines()[:y] == before
        assert selected(app) == "Words"
        await pilot.mouse_up(Transcript, offset=(x + 4, y))
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.heard(SourceCopied) == [SourceCopied("Words", "the selection (5 characters)")]
        assert not selected(app)


async def test_rows_and_characters_by_keys() -> None:
    app = Shown([turn("Mine", reply("First words.\n\n**Second** words.")), *talk(1)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "up", "up", "shift+down")
        await pilot.pause()
        assert selected(app) == "First words."
        await pilot.press("shift+right", "shift+right", "shift+right")
        assert selected(app) == "First words.\n\nSec"
        await pilot.press("shift+left", "shift+left", "shift+left", "shift+left")
        assert selected(app) == "First words."
        await pilot.press("shift+up")
        assert selected(app) != "First words."
        await pilot.press("down")
        assert not selected(app), "moving on ends a selection"


async def test_selecting_upwards_reaches_turns_not_drawn_yet() -> None:
    app = Shown(talk(40))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", *["shift+up"] * 40)
        await pilot.pause()
        text = selected(app)
        assert text.endswith("Answer 39.\n\n- one\n- two")
        assert "Question 35\n\nAnswer 35." in text
        assert not app.pane.viewport.following


async def test_the_bubble_and_then_everything() -> None:
    app = Shown([turn(f"Q{number}", reply("**b** and `c`")) for number in range(4)])
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("shift+tab", "ctrl+a")
        assert selected(app) == "**b** and `c`"
        await pilot.press("ctrl+a")
        assert "Q1\n\n**b** and `c`" in selected(app)
        assert selected(app).startswith("Q0")
        await pilot.press("ctrl+c")
        await pilot.pause()
        copied = app.heard(SourceCopied)[0]
        assert isinstance(copied, SourceCopied)
        assert "Q2\n\n**b** and `c`" in copied.text


async def test_a_triple_click_selects_the_line() -> None:
    app = Shown([turn("Go", reply("Some words of a line\n\nand others"))])
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.pause()
        await pilot.click(Transcript, offset=app.row_with("words"), times=3)
        await pilot.pause()
        assert selected(app) == "Some words of a line"


@pytest.mark.parametrize("offset", [(0, 0), (79, 0), (30, 30), (-5, -5)])
async def test_any_place_can_be_dragged_to(offset: tuple[int, int]) -> None:
    app = Shown([turn("日本 and\u0301 words", reply("wide 日本 words"))])
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.pause()
        await drag(pilot, app.row_with("words"))
        beyond(app, *offset)
        await pilot.pause()
        await pilot.mouse_up(Transcript, offset=(1, 1))
        await pilot.press("shift+tab", "up", "shift+right", "shift+right", "shift+left", "shift+up", "shift+down")
        assert isinstance(selected(app), str)


async def test_nothing_to_select() -> None:
    app = Shown()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("shift+tab", "shift+up", "shift+down", "shift+right", "ctrl+a", "ctrl+c")
        await pilot.mouse_down(Transcript, offset=(3, 3))
        await pilot.hover(Transcript, offset=(9, 9))
        await pilot.mouse_up(Transcript, offset=(9, 9))
        assert not selected(app)
        assert app.screen.selections.get(app.pane) is None or app.pane.scroll_offset == Offset(0, 0)


async def test_a_drag_selects_and_presses_nothing() -> None:
    answer = reply("Some **strong** words [it](https://a.example/x) and more, so that the line is wrapped here.")
    app = Shown([turn("Go", answer), turn("Again", reply("other"))])
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.pause()
        x, y = app.row_with("Some")
        await pilot.mouse_down(Transcript, offset=(x, y))
        await pilot.hover(Transcript, offset=(x + 3, y + 1))
        await pilot.mouse_up(Transcript, offset=(x + 3, y + 1))
        await pilot.pause()
        text = app.screen.get_selected_text()
        assert text is not None
        assert text.startswith("Some strong words it (a.example) and")
        assert "\n" not in text, "a wrapped line is one line"
        assert not app.heard(LinkOpened)


async def test_whole_turns_are_copied_as_their_source() -> None:
    app = Shown([turn(f"Q{number}", reply("**b** and `c`\x1b[2J")) for number in range(4)])
    async with app.run_test(size=(60, 24)):
        app.screen.selections = {app.pane: Selection(None, None)}
        text = app.screen.get_selected_text()
        assert text is not None
        assert "Q1\n\n**b** and `c`\ufffd[2J" in text
        assert "\x1b" not in text


async def test_whole_pieces_are_copied_as_their_source() -> None:
    app = Shown([turn("Go", reply("**First** words.\n\n- `item`\n- other\n\nLast words."))])
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.pause()
        _, y = app.row_with("First")
        x, last = app.row_with("Last words")
        await pilot.mouse_down(Transcript, offset=(4, y))
        await pilot.hover(Transcript, offset=(x + 3, last))
        await pilot.mouse_up(Transcript, offset=(x + 3, last))
        assert app.screen.get_selected_text() == "**First** words.\n\n- `item`\n- other\n\nLast"


async def test_a_double_click_selects_the_word() -> None:
    app = Shown([turn("Go", reply("Some strong-ish words"))])
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.pause()
        await pilot.click(Transcript, offset=app.row_with("strong"), times=2)
        await pilot.pause()
        assert app.screen.get_selected_text() == "strong-ish"
