"""Turns that come in between and before while somebody reads."""

from __future__ import annotations

from chatgrid_tui.session.turn import Turn
from chatgrid_tui.ui.transcript.presses import BeginningNeared
from ui.transcript.support import NOON, Shown, reply, talk, turn
from ui.transcript.test_turns import column_of, shown


class Watched(Shown):
    """Counts how often the beginning was near."""

    neared = 0

    def on_transcript_beginning_neared(self, message: BeginningNeared) -> None:
        self.neared += 1


async def test_what_is_read_stays_when_older_turns_come() -> None:
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
        assert not app.pane.following
        app.pane.turns_merged([*turns[:40], turn("From elsewhere", reply("In between")), *turns[40:]])
        await pilot.pause()
        assert app.lines() == before


async def test_at_the_end_one_stays_at_the_end() -> None:
    turns = talk(30)
    app = Watched(turns[20:])
    async with app.run_test(size=(100, 24)) as pilot:
        before = app.lines()
        app.pane.turns_merged(turns)
        await pilot.pause()
        assert app.lines() == before
        assert app.pane.following
        app.pane.turns_merged([*turns, turn("Newest", reply("At the end"))])
        await pilot.pause()
        assert any("At the end" in line for line in app.lines())


async def test_what_came_behind_is_counted_where_one_reads_above() -> None:
    turns = talk(30)
    app = Watched(turns)
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.scroll_to(y=40, animate=False)
        await pilot.pause()
        app.pane.turns_merged([*turns, turn("Newest", reply("At the end"))])
        await pilot.pause()
        assert app.pane._new_lines > 0


async def test_the_cursor_and_the_keyboard_stay_on_what_they_were() -> None:
    turns = [*talk(3), turn("Which?", reply("This?", suggestions=[{"label": "Yes"}, {"label": "No"}]))]
    app = Watched(turns[1:])
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.focus_suggestions()
        app.pane.turns_merged(turns)
        await pilot.press("enter")
        assert app.pane._navigator.target is not None
        assert getattr(app.said[-1], "turn_index", None) == 3
        await pilot.press("up", "up", "up")
        cursor = app.pane._navigator.cursor
        assert cursor is not None
        app.pane.turns_merged(turns[1:])
        assert app.pane._navigator.cursor == (cursor[0] - 1, cursor[1])


async def test_the_beginning_is_told_when_it_is_near() -> None:
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


async def test_turns_come_to_an_empty_conversation() -> None:
    app = Watched()
    async with app.run_test(size=(100, 24)) as pilot:
        app.pane.turns_merged(talk(2))
        await pilot.pause()
        assert any("Question 1" in line for line in app.lines())
        app.pane.turns_merged([])
        await pilot.pause()
        assert not any("Question" in line for line in app.lines())


def test_what_a_bot_says_by_itself_stands_without_a_message_before_it() -> None:
    asked = turn("Help", reply("One moment."))
    unasked = Turn(0, "", "", NOON, reply("Here is Ann."), remote=("a1",), note="The service stored this.")
    rows = shown(column_of(asked, unasked))
    at = next(number for number, row in enumerate(rows) if "One moment." in row)
    assert rows[at + 1 : at + 5] == ["", "  support-bot · HH:MM", "  │ Here is Ann.", "  · The service stored this."]


def test_my_message_without_an_answer() -> None:
    rows = shown(column_of(Turn(0, "Nobody there", "Nobody there", NOON, None, remote=("u1",))))
    assert [row.strip() for row in rows if row.strip()] == ["You · HH:MM", "Nobody there ▐"]
