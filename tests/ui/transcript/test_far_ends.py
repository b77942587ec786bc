"""Moving between the ends of a long conversation exactly, without drawing what is between."""

from __future__ import annotations

from textual.events import MouseScrollUp

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript.transcript import Transcript
from ui.transcript.support import Shown, reply, settled, turn

SHAPES = (
    "A line.",
    "A paragraph " + "of quite a number of words " * 20,
    "- one\n- two\n\n```py\nprint(1)\n```",
    "# Head\n\n|a|b|\n|-|-|\n" + "|x|y|\n" * 12,
    "> quoted\n\n" * 9,
)


def uneven(count: int) -> list[Turn]:
    """Turns whose heights are all guessed wrong."""
    return [turn(f"Question {number}.", reply(SHAPES[number % 5], f"End {number}.")) for number in range(count)]


def numbers(app: Shown) -> list[int]:
    """The questions in view, from above."""
    return [int(line.split("Question ")[1].split(".")[0]) for line in app.lines() if "Question " in line]


async def test_home_and_end() -> None:
    app = Shown(uneven(5_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab")
        for _ in range(2):
            await pilot.press("home")
            await settled(pilot)
            assert app.pane.scroll_offset.y == 0
            assert numbers(app)[0] == 0
            await pilot.press("end")
            await settled(pilot)
            assert app.lines()[-2].endswith("End 4999.")
            assert app.pane.viewport.following
        assert app.pane.document.drawn < 60


async def test_page_by_page_from_both_ends_nothing_is_skipped() -> None:
    app = Shown(uneven(5_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab")
        for start, key, last in (("end", "pageup", 4_999), ("home", "pagedown", 0)):
            await pilot.press(start)
            await pilot.pause()
            seen: set[int] = set(numbers(app))
            page = app.lines()
            for _ in range(25):
                await pilot.press(key)
                await pilot.pause()
                before, page = page, app.lines()
                if key == "pageup":
                    assert page[-2:] == before[:2], "two rows of the page before stay in view"
                else:
                    assert page[:2] == before[-2:], "two rows of the page before stay in view"
                seen.update(numbers(app))
            assert len(seen) > 20
            assert seen == set(range(min(seen), max(seen) + 1))
            assert last in seen or last - 1 in seen


async def test_back_to_a_row_after_home() -> None:
    app = Shown(uneven(2_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", *["pageup"] * 12)
        await pilot.pause()
        before, top = app.lines(), app.pane.viewport.row(0)
        assert top is not None
        await pilot.press("home")
        await pilot.pause()
        for _ in app.pane.viewport.bring(top.turn, top.offset + 7):
            pass
        await pilot.pause()
        assert app.lines() == before, "a third of the page down, which is where it was"


async def test_the_wheel_moves_three_rows_whatever_comes_into_view() -> None:
    app = Shown(uneven(5_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for _ in range(60):
            before = app.lines()
            await pilot._post_mouse_events([MouseScrollUp], Transcript, offset=(5, 5))
            await pilot.pause()
            assert app.lines()[3:] == before[:-3]
