"""Rows of the transcript: strips as wide as the pane, with what can be pressed and what can be copied in them."""

from __future__ import annotations

from copy import copy
from typing import Literal, NamedTuple, Protocol, TypeAlias

from rich.segment import Segment
from textual.strip import Strip

from chatgrid_tui.ui.transcript.targets import Target

Kind: TypeAlias = Literal["text", "name", "mine", "error", "below", "edge", "blank"]
"""`text`: a bot's bubble · `name`: the line above a bubble · `mine`: my bubble · `error`: the bubble of an error ·
`below`: notices and buttons · `edge`: the upper or lower edge of a bubble."""

_SMALLEST = 24


class Spot(NamedTuple):
    """The cells of a row, from `start` to before `end`, that can be pressed."""

    start: int
    end: int
    target: Target


class Column(NamedTuple):
    """The part of a row that is in a column of a table: characters counted from the text's first, and their joint."""

    number: int
    start: int
    end: int
    joint: str | None


class Outline(Protocol):
    """What is known of a row without drawing it."""

    @property
    def kind(self) -> Kind:
        """What it is a part of."""

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
        "actions",
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
        # A pane of a few columns cannot hold the smallest parts, so its rows are cut.
        self.strip = Strip(segments, width) if width > _SMALLEST else Strip(segments).adjust_cell_length(width)
        self.kind: Kind = kind
        self.bubble = bubble
        """Which bubble of the turn it belongs to: -1 is mine, the bot's count from 0."""
        self.sheet = (0, 0)
        """The cells of the sheet that it is a part of, from the first to before the last."""
        self.actions = 0
        """The column before which the actions of its bubble end; 0 if it does not show them."""
        self.left = left
        """Characters before the text."""
        self.right = right
        """Characters up to the text's end."""
        self.joint = joint
        """What stood where the text was broken off; None at the end of a line."""
        self.spots = spots
        self.at = 0
        """Its place in what is drawn together, in a measure that is the same at every width."""
        self.asides: tuple[int, ...] = ()
        """Characters of the text, counted from its first, that are decoration: padding, bars."""
        self.columns: tuple[Column, ...] = ()
        """Its columns, if it is a row of a table."""
        self.code = False
        """Whether it is a row of a block of code."""

    @property
    def goes_on(self) -> bool:
        """Whether a line of it goes on in the next row."""
        return self.joint is not None or any(column.joint is not None for column in self.columns)

    def with_note(self, note: Strip) -> Row:
        """Return the same row with a note at the right end of the page."""
        row = copy(self)
        row.strip = Strip.join([self.strip.crop(0, self.strip.cell_length - note.cell_length), note])
        return row

    @property
    def text(self) -> str:
        """The text without edge and padding."""
        return self.strip.text[self.left : self.right]
