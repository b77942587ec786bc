"""Rows of the transcript: strips as wide as the pane, with their targets and their text for copying."""

from __future__ import annotations

from copy import copy
from typing import Literal, NamedTuple, Protocol, TypeAlias

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.ui.transcript.targets import Target

Kind: TypeAlias = Literal["text", "name", "mine", "error", "below", "edge", "blank"]
"""`text`: a bot's bubble · `name`: the line above a bubble · `mine`: the user's bubble · `error`: an error's bubble ·
`below`: notices and buttons · `edge`: the upper or lower edge of a bubble."""

_SMALLEST = 24


class Spot(NamedTuple):
    """The cells of a row, from `start` to `end` (exclusive), that can be pressed."""

    start: int
    end: int
    target: Target


class Column(NamedTuple):
    """The part of a row in a table column: characters counted from the start of the text, and their joint."""

    number: int
    start: int
    end: int
    joint: str | None


class Outline(Protocol):
    """The properties of a row that are known without drawing it."""

    @property
    def kind(self) -> Kind:
        """What it is part of."""

    @property
    def bubble(self) -> int:
        """Which bubble of the turn it belongs to."""

    @property
    def spots(self) -> tuple[Spot, ...]:
        """What can be pressed in it."""


class TextOutline(NamedTuple):
    """The outline of a row of a bot's text."""

    bubble: int
    spots: tuple[Spot, ...] = ()
    kind: Kind = "text"


class Row:
    """One row of the transcript."""

    __slots__ = (
        "asides",
        "at",
        "bubble",
        "code",
        "columns",
        "joint",
        "kind",
        "left",
        "right",
        "sheet",
        "spots",
        "strip",
        "tasks_end",
    )

    def __init__(
        self,
        segments: list[Segment],
        width: int,
        kind: Kind,
        bubble: int,
        *,
        left: int = 0,
        right: int = 0,
        joint: str | None = None,
        spots: tuple[Spot, ...] = (),
    ) -> None:
        # A pane of a few columns has no room for the smallest parts, so its rows are cut.
        self.strip = Strip(segments, width) if width > _SMALLEST else Strip(segments).adjust_cell_length(width)
        self.kind: Kind = kind
        self.bubble = bubble
        """Which bubble of the turn it belongs to: -1 is the user's, the bot's start at 0."""
        self.sheet = (0, 0)
        """The cells of its sheet, as (start, end)."""
        self.tasks_end = 0
        """The column before which it shows what can be done with its bubble; 0 if it never does."""
        self.left = left
        """The number of characters before the text."""
        self.right = right
        """The number of characters up to the end of the text."""
        self.joint = joint
        """What was where the text was wrapped; None at the end of a line."""
        self.spots = spots
        self.at = 0
        """Its place in what is drawn together, in units that do not depend on the width."""
        self.asides: tuple[int, ...] = ()
        """Decorative characters of the text, counted from its start: padding, bars."""
        self.columns: tuple[Column, ...] = ()
        """Its columns, if it is a table row."""
        self.code = False
        """Whether it is part of a code block."""

    @property
    def goes_on(self) -> bool:
        """Whether its line continues in the next row."""
        return self.joint is not None or any(column.joint is not None for column in self.columns)

    def with_note(self, note: Strip) -> Row:
        """Return the same row with a note at the right end of the page."""
        row = copy(self)
        row.strip = Strip.join([self.strip.crop(0, self.strip.cell_length - note.cell_length), note])
        return row

    @property
    def text(self) -> str:
        """The text without edges and padding."""
        return self.strip.text[self.left : self.right]
