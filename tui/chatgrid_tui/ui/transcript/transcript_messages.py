"""The messages that a transcript posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.message import Message

from chatgrid_tui.session.conversation import Turn


@dataclass
class SuggestionPressed(Message, namespace="transcript"):
    """A suggestion of a turn was chosen, given by its index. The turn is passed itself, as others may be inserted
    before it while the message is being delivered.
    """

    turn: Turn
    index: int


@dataclass
class ButtonPressed(Message, namespace="transcript"):
    """A button of a notice was pressed, or `take back` under a queued message, or a folded line."""

    turn: Turn
    button_id: str


@dataclass
class ChoicePressed(Message, namespace="transcript"):
    """A row or button of the first screen was pressed, given by its index in both together."""

    index: int


@dataclass
class LinkOpened(Message, namespace="transcript"):
    """A link should be opened. `url` is http or https, as written; `named` is a different address in its label."""

    url: str
    named: str = ""


@dataclass
class AttachmentOpened(Message, namespace="transcript"):
    """A file should be opened. `url` is http or https, as sent; `name` is cleaned."""

    url: str
    name: str


@dataclass
class SourceCopied(Message, namespace="transcript"):
    """A text should be copied. `what` describes it, such as `code block 2 of 3 (python, 14 lines)`."""

    text: str
    what: str


@dataclass
class ErrorCopied(Message, namespace="transcript"):
    """The notice of a reply that failed or has no text should be copied."""

    turn: Turn


@dataclass
class TaskRequested(Message, namespace="transcript"):
    """The bubble with the cursor should be quoted, or its menu opened."""

    task: Literal["quote", "menu"]


@dataclass
class NothingDone(Message, namespace="transcript"):
    """A key did nothing; the reason is a sentence."""

    reason: str


class PressWordChanged(Message, namespace="transcript"):
    """Enter does something else than before."""


class BeginningNeared(Message, namespace="transcript"):
    """The reader is less than a screen away from the first turn."""


@dataclass
class FollowChanged(Message, namespace="transcript"):
    """New text is followed, or the view stays while this many new lines are below."""

    following: bool
    new_lines: int


@dataclass
class FindChanged(Message, namespace="transcript"):
    """The matches of find, in `searched` of the `turns`. `text` is empty if nothing is searched for."""

    text: str
    number: int
    """The number of the current match, from 1 at the top; 0 if there is none."""
    total: int
    searched: int
    turns: int
