"""Turns merged among others: the view, the selection and the focus stay."""

from __future__ import annotations

import pytest
from textual import events

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript import selection
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.transcript_messages import BeginningNeared
from quiet import until
from ui.transcript.support import NOON, Shown, reply, talk, turn
from ui.transcript.test_selection import beyond, drag, selected
from ui.transcript.test_turns import column_of, shown


class Watched(Shown):
    """Counts how often the transcript reported that the beginning is near."""

    neared = 0

    def on_transcript_beginning_neared(self, message: BeginningNeared) -> None:
        self.neared += 1


async def test_the_view_stays_when_older_turns_come() -> None:
    turns = talk(60)
    app = Watched(turns[30:])
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("tab")
        app.pane.scroll_to(y=37, animate=False)
        await pilot.pause()
        before = app.lines()
        app.pane.turns_merged(turns)
        await pilot.pause()
        assert app.lines() == before
        assert not app.pane.viewport.following
        app.pane.turns_merged([*turns[:40], turn("From elsewhere", reply("In between")), *turns[40:]])
        await pilot.pause()
        assert app.lines() == before


async def test_the_end_is_still_followed() -> None:
    turns = talk(30)
    app = Watched(turns[20:])
    async with app.run_test(size=(100, 24)) as pilot:
        before = app.lines()
        app.pane.turns_merged(turns)
        await pilot.pause()
        assert app.lines() == before
        assert app.pane.viewport.following
        app.pane.turns_merged([*turns, turn("Newest", reply("At the end"))])
        await pilot.pause()
        assert any("At the end" in line for line in app.lines())


async def test_turns_below_the_view_are_counted_as_new() -> None:
    turns = talk(30)
    app = Watched(turns)
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.scroll_to(y=40, animate=False)
        await pilot.pause()
        app.pane.turns_merged([*turns, turn("Newest", reply("At the end"))])
        await pilot.pause()
        assert app.pane.viewport.new_lines > 0


async def test_the_cursor_stays_on_its_bubble_or_suggestion() -> None:
    turns = [*talk(3), turn("Which?", reply("This?", suggestions=[{"label": "Yes"}, {"label": "No"}]))]
    app = Watched(turns[1:])
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.focus_suggestions()
        app.pane.turns_merged(turns)
        await pilot.press("enter")
        assert app.pane.cursor.target is not None
        assert getattr(app.said[-1], "turn", None) is turns[3]
        await pilot.press("up", "up", "up")
        cursor = app.pane.cursor.bubble
        assert cursor is not None
        app.pane.turns_merged(turns[1:])
        assert app.pane.cursor.bubble == (cursor[0] - 1, cursor[1])


async def test_scrolling_reports_that_the_beginning_is_near() -> None:
    turns = talk(60)
    app = Watched(turns)
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.scroll_to(y=200, animate=False)
        await pilot.pause()
        assert app.neared == 0
        app.pane.scroll_to(y=3, animate=False)
        await pilot.pause()
        assert app.neared == 1
        app.pane.turns_merged(turns)
        await pilot.pause()
        assert app.neared == 2


async def test_page_up_reports_that_the_beginning_is_near() -> None:
    app = Watched(talk(10))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("shift+tab", "pageup")
        assert app.neared == 0
        await pilot.press("pageup", "pageup", "pageup")
        await until(lambda: app.neared > 0)


async def test_turns_come_to_an_empty_conversation() -> None:
    app = Watched()
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.turns_merged(talk(2))
        await pilot.pause()
        assert any("Question 1" in line for line in app.lines())
        app.pane.turns_merged([])
        await pilot.pause()
        assert not any("Question" in line for line in app.lines())


def test_an_unasked_reply_is_shown_without_a_message_above_it() -> None:
    asked = turn("Help", reply("One moment."))
    unasked = Turn(0, "", "", NOON, [reply("Here is Ann.")], remote=("a1",), note="The service stored this.")
    rows = shown(column_of(asked, unasked))
    at = next(number for number, row in enumerate(rows) if "One moment." in row)
    assert rows[at + 1 : at + 6] == [
        "",
        "   S  support-bot · HH:MM",
        "    Here is Ann.",
        "",
        "  · The service stored this.",
    ]


def test_my_message_without_an_answer() -> None:
    rows = shown(column_of(Turn(0, "Nobody there", "Nobody there", NOON, remote=("u1",))))
    assert [row.strip() for row in rows if row.strip()] == ["HH:MM    Nobody there"]


async def test_a_press_names_its_turn_even_if_turns_are_merged() -> None:
    answers = [reply("This?", suggestions=[{"label": "Yes"}]), reply("That?", suggestions=[{"label": "No"}])]
    turns = [*talk(2), turn("Which?", answers[0])]
    app = Watched(turns)
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.focus_suggestions()
        app.pane.action_press()
        app.pane.turns_merged([turn("Before", answers[1]), *turns])
        await pilot.pause()
        assert getattr(app.said[-1], "turn", None) is turns[-1]


async def test_a_drag_goes_on_when_older_turns_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_TICK", 0.001)
    turns = talk(40)
    app = Watched(turns[20:])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab")
        x, y = app.row_with("Answer 39.")
        await drag(pilot, (x + 4, y))
        beyond(app, x, y - 6)
        await pilot.pause()
        before = selected(app)
        assert before
        app.pane.turns_merged(turns)
        await pilot.pause()
        assert selected(app) == before
        beyond(app, 10, -3)
        await until(lambda: app.pane.scroll_offset.y == 0)
        beyond(app, 10, -3, events.MouseUp)
        text = selected(app)
        assert text.count("Question") == 40
        assert text.endswith("Answe")


async def test_a_selection_ends_when_its_turn_is_gone() -> None:
    turns = talk(4)
    app = Watched(turns)
    async with app.run_test(size=(80, 24)) as pilot:
        await drag(pilot, app.row_with("Answer 3."))
        app.pane.turns_merged(turns[:2])
        await pilot.pause()
        assert app.pane.text_selection is None


async def test_a_turn_that_is_gone_but_not_reported_yet_is_not_drawn() -> None:
    app, turns = Watched(), talk(80)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show(turns, at_end=False)
        await pilot.pause()
        turns.pop()
        app.pane.action_newest()
        app.pane.turns_replaced(79)
        await pilot.pause()
        assert any("Answer 78." in line for line in app.lines())


async def test_far_down_in_a_long_reply_older_turns_come_without_drawing_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = [*talk(5), turn("Go", reply("".join(f"- item {number}\n" for number in range(2_000))))]
    app = Watched(turns[5:], frame_budget=0)
    async with app.run_test(size=(100, 24)) as pilot:
        await until(lambda: not app.pane.document.behind)
        app.pane.scroll_to(y=1_500, animate=False)
        await pilot.pause()
        before = app.lines()
        drawn: list[int] = []
        draw = Document.draw

        def watched(document: Document, index: int, *, go_on: bool = True) -> tuple[int | None, int]:
            drawn.append(index)
            return draw(document, index, go_on=go_on)

        monkeypatch.setattr(Document, "draw", watched)
        app.pane.turns_merged(turns)
        assert len(drawn) < 20
        await until(lambda: not app.pane.document.behind)
        assert app.lines() == before
