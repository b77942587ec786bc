"""Two transcripts in one app: each finds, copies and streams on its own."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Horizontal

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import Look
from chatgrid_tui.ui.transcript.pane import Transcript
from chatgrid_tui.ui.transcript.pane_messages import FindChanged, SourceCopied
from quiet import until
from ui.transcript.plain_words import explain_plainly
from ui.transcript.support import NOON, talk, theme, turn


class SideBySide(App[None]):
    """Two panes. Collects the totals of complete searches, and the beginnings of what was copied."""

    def __init__(self) -> None:
        super().__init__()
        self.look = Look(theme())
        self.panes = Transcript(explain_plainly), Transcript(explain_plainly)
        self.totals: set[int] = set()
        self.copied: set[str] = set()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield from self.panes

    def on_transcript_find_changed(self, message: FindChanged) -> None:
        if message.searched == message.turns:
            self.totals.add(message.total)

    def on_transcript_source_copied(self, message: SourceCopied) -> None:
        self.copied.add(message.text.splitlines()[0])


async def test_two_transcripts_do_not_cancel_each_other() -> None:
    app = SideBySide()
    async with app.run_test(size=(120, 24)) as pilot:
        conversations = [
            [turn(f"Beginning {count}"), *talk(count), turn("Go", Reply(2, "support-bot", NOON))]
            for count in (800, 900)
        ]
        for pane, turns in zip(app.panes, conversations, strict=True):
            pane.show(turns)
        await pilot.pause()
        for pane in app.panes:
            pane.finder.open()
            pane.finder.find("answer")
        for pane, turns in zip(app.panes, conversations, strict=True):
            assert turns[-1].reply is not None
            turns[-1].reply.apply(TextDelta(0, "One more answer."))
            pane.turn_changed(turns[-1])
        await until(lambda: {801, 901} <= app.totals)
        for pane in app.panes:
            pane.action_select_all()
            pane.action_select_all()
            assert pane.copy_selected()
        await until(lambda: app.copied == {"Beginning 800", "Beginning 900"})
