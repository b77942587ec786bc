"""The field for a new title, and the question with more than two answers."""

from __future__ import annotations

import asyncio

import pytest

from chatgrid_tui.ui.overlays.confirm import ConfirmScreen
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from ui.overlays.test_overlays import answers
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

ANSWERS = ("Delete there too", "Only here", "Keep")


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("enter",), 2),
        (("escape",), None),
        (("left", "enter"), 1),
        (("left", "left", "left", "enter"), 0),
        (("left", "right", "right", "enter"), 2),
        (("tab", "enter"), 0),
        (("shift+tab", "enter"), 1),
    ],
)
async def test_the_keeping_answer_is_the_default(keys: tuple[str, ...], answer: int | None) -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        given = answers(app, ConfirmScreen("Delete?", "It goes.", ANSWERS))
        await pilot.pause()
        await pilot.press(*keys)
        assert given == [answer]


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 16)])
async def test_all_answers_can_be_clicked(size: tuple[int, int]) -> None:
    app = FrameApp()
    async with app.run_test(size=size) as pilot:
        for number, label in enumerate(ANSWERS):
            given = answers(app, ConfirmScreen("Delete?", "It goes from this machine.", ANSWERS))
            await pilot.pause()
            row = next(at for at, line in enumerate(app.lines()) if label in line)
            await pilot.click(offset=(app.lines()[row].index(label) + 1, row))
            assert given == [number]


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        (("enter",), "Refunds"),
        (("escape",), None),
        (("end", "!", "enter"), "Refunds!"),
        (("N", "e", "w", "enter"), "New"),
        (("ctrl+u", "enter"), "Refunds"),
        (("ctrl+u", "space", "N", "e", "w", "space", "enter"), "New"),
    ],
)
async def test_enter_returns_the_title_or_the_old_one_if_empty(keys: tuple[str, ...], title: str | None) -> None:
    app = FrameApp()
    async with app.run_test(size=(60, 20)) as pilot:
        given = answers(app, NameScreen("Rename", "Refunds"))
        await pilot.pause()
        assert any("Refunds" in line for line in app.lines())
        await pilot.press(*keys)
        assert given == [title]


async def test_what_is_wrong_is_reported_also_if_the_question_was_closed() -> None:
    app, go_on, reported = FrameApp(), asyncio.Event(), list[str]()

    async def make(name: str) -> str:
        await go_on.wait()
        return f"{name} is taken."

    async with app.run_test(size=(60, 20)) as pilot:
        given = answers(app, NameScreen("New board", "One", make=make, report=reported.append))
        await pilot.pause()
        await pilot.press("enter", "escape")
        go_on.set()
        await pilot.pause()
        assert (given, reported) == ([None], ["One is taken."])


@pytest.mark.parametrize("theme", ["midnight", "flat"])
async def test_hostile_titles_are_only_text(theme: str) -> None:
    app = FrameApp(theme=theme)
    words = " ".join(HOSTILE.values())
    async with app.run_test(size=(100, 60)) as pilot:
        for screen in (NameScreen(words, words), ConfirmScreen(words, words, ANSWERS)):
            app.push_screen(screen)
            await pilot.pause()
            assert not controls_in(app.lines())
            await pilot.press("escape")
