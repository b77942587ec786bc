"""What the tests of the transcript share: turns to show, rows as text, and an app around the pane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from chatgrid_tui.config.settings import BubbleStyle
from chatgrid_tui.config.themes import Theme, read_theme
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import UNICODE_SIGNS, Look, Signs
from chatgrid_tui.ui.transcript.layout.bubble_layout import BubbleLayout
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.page_grid import Grid
from chatgrid_tui.ui.transcript.render.rows import Row
from chatgrid_tui.ui.transcript.transcript import Transcript
from chatgrid_tui.ui.transcript.transcript_messages import (
    AttachmentOpened,
    ButtonPressed,
    ChoicePressed,
    ErrorCopied,
    FollowChanged,
    LinkOpened,
    NothingDone,
    SourceCopied,
    SuggestionPressed,
    TaskRequested,
)
from chatgrid_tui.ui.transcript.viewport import FRAME_BUDGET
from quiet import until
from ui.transcript.plain_notices import explain_plainly

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
THEMES = Path(__file__).parents[3] / "themes"


def theme(name: str = "midnight", *, flat: bool = False) -> Theme:
    made = read_theme(name, (THEMES / f"{name}.toml").read_text(encoding="utf-8"))
    return replace(made, flat=flat)


def frame(
    width: int = 40,
    *,
    flat: bool = False,
    bubbles: BubbleStyle = "filled",
    edged: bool = False,
    signs: Signs = UNICODE_SIGNS,
) -> Frame:
    """A frame whose bot texts are at most `width` cells wide, rounded down to the steps of bubbles."""
    grid = Grid(width + 8, 2, width + 4, edged)
    return Frame(grid, Look(theme(flat=flat), signs, bubbles=bubbles))


def bubble_rows(text: str, width: int = 40, *, flat: bool = False) -> list[Row]:
    """Return the rows of a whole bubble."""
    rows = BubbleLayout((0, 0), RowCache())
    bubble, drawing = Bubble(text), frame(width, flat=flat)
    rows.update(bubble, drawing, live=False)
    while not rows.exact:
        rows.update(bubble, drawing, live=False)
    return list(rows.rows(0, rows.height))


def drawn(text: str, width: int = 40, *, flat: bool = False) -> list[str]:
    """Return the rows of a whole bubble as text, without edge and padding."""
    return [row.text.rstrip() for row in bubble_rows(text, width, flat=flat)]


def reply(
    *texts: str,
    state: ReplyState = "finished",
    failure: Failure | None = None,
    suggestions: Sequence[JsonObject] = (),
    attachments: Sequence[JsonObject] = (),
    chosen: tuple[int, ...] = (),
) -> Reply:
    made = Reply(1, "support-bot", NOON, state=state, failure=failure, chosen=chosen)
    made.numbered = {number: Bubble(text) for number, text in enumerate(texts)}
    made.suggestions = list(suggestions)
    made.attachments = list(attachments)
    return made


def turn(said: str = "Hello", answer: Reply | None = None, *, queued: bool = False) -> Turn:
    return Turn(1, said, said, NOON, [] if answer is None else [answer], queued)


def talk(count: int) -> list[Turn]:
    """Return a conversation of so many turns, all of them different."""
    return [turn(f"Question {number}", reply(f"Answer {number}.\n\n- one\n- two")) for number in range(count)]


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the transcript has drawn everything that is new and in view."""
    assert isinstance(pilot.app, Shown)
    pane = pilot.app.pane
    await pilot.pause()
    await until(lambda: not pane.viewport.dirty and not pane.document.behind)


class Shown(App[None]):
    """A transcript over an input. Keeps the messages that the transcript posts."""

    CSS = "Input { height: 1; border: none; }"

    def __init__(
        self, turns: Sequence[Turn] = (), *, look: Look | None = None, frame_budget: float = FRAME_BUDGET
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.pane = Transcript(explain_plainly, frame_budget=frame_budget)
        self.look = look or Look(theme())
        self.turns = turns
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.pane
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.pane.show(self.turns)

    def lines(self) -> list[str]:
        """Return the lines of the view, without blanks at their ends."""
        pane = self.pane
        return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]

    def row_with(self, text: str) -> tuple[int, int]:
        """Return the start of a text on the screen, as (x, y)."""
        for y, line in enumerate(self.lines()):
            if text in line:
                return line.index(text), y
        raise AssertionError(f"{text!r} is not on the screen: {self.lines()}")

    def heard(self, kind: type[Message]) -> list[Message]:
        """Return the messages of one kind, oldest first."""
        return [message for message in self.said if isinstance(message, kind)]

    def on_transcript_suggestion_pressed(self, message: SuggestionPressed) -> None:
        self.said.append(message)

    def on_transcript_button_pressed(self, message: ButtonPressed) -> None:
        self.said.append(message)

    def on_transcript_link_opened(self, message: LinkOpened) -> None:
        self.said.append(message)

    def on_transcript_attachment_opened(self, message: AttachmentOpened) -> None:
        self.said.append(message)

    def on_transcript_task_requested(self, message: TaskRequested) -> None:
        self.said.append(message)

    def on_transcript_source_copied(self, message: SourceCopied) -> None:
        self.said.append(message)

    def on_transcript_error_copied(self, message: ErrorCopied) -> None:
        self.said.append(message)

    def on_transcript_nothing_done(self, message: NothingDone) -> None:
        self.said.append(message)

    def on_transcript_choice_pressed(self, message: ChoicePressed) -> None:
        self.said.append(message)

    def on_transcript_follow_changed(self, message: FollowChanged) -> None:
        self.said.append(message)
