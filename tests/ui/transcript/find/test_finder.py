"""Find in a transcript: where it starts, distant matches, text that arrives meanwhile, and folded text."""

from __future__ import annotations

import asyncio

from rich.style import Style
from textual.pilot import Pilot

from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import Look
from chatgrid_tui.ui.transcript.transcript_messages import FindChanged
from quiet import until
from ui.transcript.support import NOON, Shown, reply, settled, talk, theme, turn


class Finding(Shown):
    """A transcript that records its matches."""

    found = FindChanged("", 0, 0, 0, 0)

    def on_transcript_find_changed(self, message: FindChanged) -> None:
        self.found = message

    async def finds(self, words: str, number: int, total: int) -> None:
        """Search, and wait for the matches."""
        self.pane.finder.open()
        self.pane.finder.find(words)
        await self.shows(number, total)

    async def steps(self, step: int, number: int, total: int) -> None:
        """Step, and wait for the match."""
        self.pane.finder.step(step)
        await self.shows(number, total)

    async def shows(self, number: int, total: int) -> None:
        """Wait until so many matches are counted, and this one is drawn as the current one."""
        await until(lambda: (self.found.number, self.found.total) == (number, total), lambda: str(self.found))
        if total:
            await until(lambda: len(self.marked(current=True)) > 0)

    def marked(self, *, current: bool) -> list[tuple[int, str]]:
        """Return the highlights in view, each as its line on the screen and its characters."""
        look = self.look
        wanted = look.colour("accent") if current else look.colour("link_tint")
        lines = [self.pane.render_line(y) for y in range(self.pane.size.height)]
        marks: list[tuple[int, str]] = []
        for y, line in enumerate(lines):
            marks += [(y, text) for text, style, _ in line if _is_on(style, wanted)]
        return marks


def _is_on(style: Style | None, colour: str) -> bool:
    return style is not None and style.bgcolor is not None and style.bgcolor.name == colour.lower()


async def drawn(pilot: Pilot[None]) -> None:
    """Wait until all frames that are due are drawn."""
    await pilot.pause()
    await settled(pilot)


async def test_steps_go_up_from_the_newest_match_and_around() -> None:
    app = Finding(talk(60))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = app.lines()
        await app.finds("question 5", 11, 11)
        assert app.lines() == before, "what is in view already moves nothing"
        assert [text for _, text in app.marked(current=True)] == ["Question 5"]
        await app.steps(-1, 10, 11)
        assert "Question 58" in app.lines()[app.marked(current=True)[0][0]]
        await app.steps(1, 11, 11)
        await app.steps(1, 1, 11)
        assert "Question 5" in app.lines()[app.marked(current=True)[0][0]]
        await app.steps(-1, 11, 11)


async def test_the_first_match_is_at_or_above_the_view_else_below() -> None:
    turns = talk(60)
    turns[58].first_shown = "the end"
    app = Finding(turns)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.scroll_to(y=200, animate=False)
        await pilot.pause()
        seen = [int(line.split("Question ")[1].split()[0]) for line in app.lines() if "Question" in line]
        await app.finds("question", max(seen) + 1, 59)
        await app.finds("the end", 1, 1)
        await app.finds("the en", 1, 1)


async def test_a_far_match_is_scrolled_to_exactly_and_stays() -> None:
    turns = [
        turn(f"Question {number}", reply("Words\nand more.\n\n" * (number % 7) + f"Answer {number}."))
        for number in range(3_000)
    ]
    app = Finding(turns)
    async with app.run_test(size=(70, 24)) as pilot:
        await pilot.pause()
        await app.finds("answer 77.", 1, 1)
        await drawn(pilot)
        y, text = app.marked(current=True)[0]
        assert text == "Answer 77."
        assert 2 <= y < app.pane.size.height - 2
        assert app.pane.document.drawn < 60, "what lies between is not drawn"
        await app.finds("question 2222", 1, 1)
        await drawn(pilot)
        before = app.lines()
        app.pane.tick(NOON)
        app.pane.turn_changed(app.pane.document.turns[0])
        await drawn(pilot)
        assert app.lines() == before


async def test_each_letter_searches_from_the_same_place() -> None:
    app = Finding([turn("needle one"), turn("needless"), *talk(30)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for words, number, total in (("need", 2, 2), ("needle", 2, 2), ("needle ", 1, 1), ("needle", 2, 2)):
            await app.finds(words, number, total)
        await app.finds("needlework", 0, 0)
        assert app.found == FindChanged("needlework", 0, 0, 32, 32)
        assert not app.marked(current=True)


async def test_streaming_text_is_counted_and_the_view_holds_still() -> None:
    answer = Reply(2, "support-bot", NOON)
    app = Finding([*talk(30), turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        answer.apply(TextDelta(0, "The need"))
        app.pane.turn_changed(app.pane.document.turns[30])
        await drawn(pilot)
        await app.finds("answer 1.", 1, 1)
        before = app.lines()
        await app.finds("need", 1, 1)
        await app.finds("needle", 0, 0)
        answer.apply(TextDelta(0, "le is here.\n\n" * 20))
        app.pane.turn_changed(app.pane.document.turns[30])
        await app.shows(1, 1)
        y, _ = app.marked(current=True)[0]
        answer.apply(TextDelta(0, "Another **nee**dle.\n\n"))
        app.pane.turn_changed(app.pane.document.turns[30])
        await app.shows(1, 2)
        assert app.marked(current=True)[0][0] == y
        answer.apply(Finished())
        answer.apply(BodyEnded())
        app.pane.turn_changed(app.pane.document.turns[30])
        await drawn(pilot)
        assert app.marked(current=True)[0][0] == y, "nothing jumps at the end of a reply"
        await app.finds("answer 1.", 1, 1)
        assert app.lines() == before
        app.pane.finder.close()
        assert not app.pane.viewport.following
        assert app.lines() == before
        assert not app.marked(current=True)


async def test_older_turns_that_come_during_a_search_are_counted_once() -> None:
    long = turn("Go", reply("needle\n\n" * 2_000))
    app = Finding([turn("First"), long])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.pane.finder.open()
        app.pane.finder.find("needle")
        for _ in range(20):  # the search is in the middle of the long turn
            await asyncio.sleep(0)
        app.pane.turns_merged([*talk(3), *app.turns])
        await until(lambda: app.found.turns == 5 and app.found.total >= 2_000)
        await app.finds("needles", 0, 0)
        app.pane.finder.find("needle")
        await until(lambda: app.found.total > 0)
        assert app.found.total == 2_000


async def test_folded_matches_are_scrolled_to() -> None:
    table = "|a|\n|-|\n" + "".join(f"|row {number}|\n" for number in range(700))
    app = Finding([turn("x " * 15_000 + "needle"), turn("Go", reply(table)), *talk(5)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.finds("row 650", 1, 1)
        assert "row 650" in app.lines()[app.marked(current=True)[0][0]]
        await app.finds("needle", 1, 1)
        await drawn(pilot)
        assert "needle" in app.lines()[app.marked(current=True)[0][0]]


async def test_matches_in_view_are_highlighted_across_rows() -> None:
    app = Finding([turn("Go", reply("**nee**dle and words that are wrapped so that the needle in the hay breaks"))])
    async with app.run_test(size=(50, 16)) as pilot:
        await pilot.pause()
        await app.finds("needle", 2, 2)
        assert "".join(text for _, text in app.marked(current=False)) == "needle"
        await app.finds("wrapped so that the needle in the hay", 1, 1)
        assert len({y for y, _ in app.marked(current=True)}) == 2


async def test_another_width_keeps_the_match() -> None:
    app = Finding([turn(f"Question {number}", reply("some words " * 30 + f"end{number}")) for number in range(40)])
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await app.finds("end7", 1, 1)
        await pilot.resize_terminal(50, 24)
        await drawn(pilot)
        await until(lambda: len(app.marked(current=True)) > 0)
        await app.steps(-1, 1, 1)
        assert "end7" in app.lines()[app.marked(current=True)[0][0]]


async def test_without_colours_only_the_current_match_is_reversed() -> None:
    app = Finding([turn("needle", reply("needle"))], look=Look(theme(flat=True)))
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        app.pane.finder.open()
        app.pane.finder.find("needle")
        await until(lambda: app.found.number == 2)
        styles = [
            style
            for y in range(app.pane.size.height)
            for text, style, _ in app.pane.render_line(y)
            if text == "needle" and style is not None
        ]
        assert [(bool(style.underline), bool(style.reverse)) for style in styles] == [(True, False), (False, True)]


async def test_another_conversation_closes_find() -> None:
    app = Finding(talk(30))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.finds("answer 3.", 1, 1)
        app.pane.show([turn("Answer 3.")])
        await drawn(pilot)
        assert not app.marked(current=True)
        assert not app.marked(current=False)
        assert app.pane.viewport.following
