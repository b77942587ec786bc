"""Two transcripts in one app: each streams, finds, selects and copies on its own."""

from __future__ import annotations

import asyncio

from textual.app import App, ComposeResult
from textual.containers import Horizontal

from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import Look
from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.transcript.transcript_messages import FindChanged, SourceCopied
from quiet import until
from ui.transcript.plain_notices import explain_plainly
from ui.transcript.support import NOON, talk, theme, turn


class Side(Transcript):
    """A transcript that records what it posts: here both have the same parent."""

    def __init__(self, count: int) -> None:
        super().__init__(explain_plainly)
        self.turns = [turn(f"Beginning {count}"), *talk(count), turn("Go", Reply(2, "support-bot", NOON))]
        self.found = FindChanged("", 0, 0, 0, 0)
        self.copied = ""

    def on_transcript_find_changed(self, message: FindChanged) -> None:
        self.found = message

    def on_transcript_source_copied(self, message: SourceCopied) -> None:
        self.copied = message.text

    @property
    def live(self) -> Turn:
        return self.turns[-1]

    def lines(self) -> list[str]:
        return [self.render_line(y).text.rstrip() for y in range(self.size.height)]

    def arrive(self, text: str) -> None:
        """Let text arrive in the live reply."""
        assert self.live.reply is not None
        self.live.reply.apply(TextDelta(0, text))
        self.turn_changed(self.live)

    async def stream(self, word: str, count: int) -> None:
        """Let a whole reply arrive, one word in a line at a time."""
        assert self.live.reply is not None
        for number in range(count):
            self.arrive(f"{word} {number}.\n\n")
            await asyncio.sleep(0)
        self.live.reply.apply(Finished())
        self.live.reply.apply(BodyEnded())
        self.turn_changed(self.live)

    async def shows(self, text: str) -> None:
        """Wait until a text is in view."""
        await until(lambda: any(text in line for line in self.lines()), lambda: "\n".join(self.lines()))

    async def finds(self, number: int, total: int) -> None:
        """Wait until so many matches are counted, of which this one is the current."""
        await until(lambda: (self.found.number, self.found.total) == (number, total), lambda: str(self.found))


class SideBySide(App[None]):
    """Two transcripts and nothing else: no composer, no header."""

    def __init__(self, left: int = 30, right: int = 40) -> None:
        super().__init__()
        self.look = Look(theme())
        self.left, self.right = Side(left), Side(right)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.left
            yield self.right

    def on_mount(self) -> None:
        for side in (self.left, self.right):
            side.show(side.turns)


async def test_two_replies_stream_at_once() -> None:
    app = SideBySide()
    async with app.run_test(size=(120, 24)):
        app.left.scroll_to(y=20, animate=False)
        await until(lambda: not app.left.viewport.following)
        before = app.left.lines()
        await asyncio.gather(app.left.stream("apple", 80), app.right.stream("pear", 120))
        await app.right.shows("pear 119.")
        assert app.right.viewport.following
        assert app.left.lines() == before, "the one that is read above holds still"
        app.left.action_newest()
        await app.left.shows("apple 79.")


async def test_find_runs_in_both_while_both_stream() -> None:
    app = SideBySide()
    async with app.run_test(size=(120, 24)):
        for side in (app.left, app.right):
            side.finder.open()
        app.left.finder.find("apple")
        app.right.finder.find("question")
        await app.right.finds(40, 40)
        above = app.right.lines()[:20]
        await asyncio.gather(app.left.stream("apple", 60), app.right.stream("question", 100))
        await app.right.finds(40, 140)
        await until(lambda: app.left.found.total == 60)
        assert app.right.lines()[:20] == above, "the current match stays where it was"
        app.left.finder.close()
        app.right.finder.step(1)
        await app.right.finds(41, 140)
        await app.right.shows("question 0.")


async def test_long_searches_and_copies_do_not_cancel_each_other() -> None:
    app = SideBySide(300, 400)
    async with app.run_test(size=(120, 24)):
        for side in (app.left, app.right):
            side.finder.open()
            side.finder.find("answer")
        for side in (app.left, app.right):
            side.arrive("One more answer.")
        await until(lambda: (app.left.found.total, app.right.found.total) == (301, 401))
        for side in (app.left, app.right):
            side.action_select_all()
            side.action_select_all()
            assert side.selection.copy()
        await until(lambda: bool(app.left.copied and app.right.copied))
        assert app.left.copied.startswith("Beginning 300\n\nQuestion 0")
        assert app.right.copied.startswith("Beginning 400\n\nQuestion 0")


async def test_a_selection_stays_when_turns_come_to_the_other() -> None:
    app = SideBySide()
    async with app.run_test(size=(120, 24)):
        app.left.action_select_all()
        app.left.action_select_all()
        selected = app.screen.get_selected_text()
        assert selected
        app.right.turns_merged([turn("Older"), *app.right.turns])
        app.right.show(talk(3))
        assert app.screen.get_selected_text() == selected
