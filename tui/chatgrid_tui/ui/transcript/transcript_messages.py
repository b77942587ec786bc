"""The messages that a transcript posts."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from chatgrid_tui.session.conversation import Turn


@dataclass
class SuggestionPressed(Message, namespace="transcript"):
    """A suggestion of a turn was chosen, counted from 0. The turn is named itself: others may be put before it while
    the message is on its way.
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
    """A row or a button of the first screen was pressed, counted from 0 over both."""

    index: int


@dataclass
class LinkOpened(Message, namespace="transcript"):
    """A link is to be opened. `url` is http or https, as it was written; `named` is another address in its label."""

    url: str
    named: str = ""


@dataclass
class AttachmentOpened(Message, namespace="transcript"):
    """A file is to be opened. `url` is http or https, as it was sent; `name` is cleaned."""

    url: str
    name: str


@dataclass
class SourceCopied(Message, namespace="transcript"):
    """A text is to be copied. `what` names it, such as `code block 2 of 3 (python, 14 lines)`."""

    text: str
    what: str


@dataclass
class ErrorCopied(Message, namespace="transcript"):
    """The notice of a reply that failed or has no text is to be copied."""

    turn: Turn


@dataclass
class MenuRequested(Message, namespace="transcript"):
    """The bubble with the cursor has nothing to open but its menu."""


@dataclass
class NothingDone(Message, namespace="transcript"):
    """A key did nothing, for a reason given as a sentence."""

    reason: str


class BeginningNeared(Message, namespace="transcript"):
    """The reader is less than a screen away from the first turn."""


@dataclass
class FollowChanged(Message, namespace="transcript"):
    """New text is followed, or the view holds still with so many new lines below."""

    following: bool
    new_lines: int


@dataclass
class FindChanged(Message, namespace="transcript"):
    """The matches of find, in `searched` of the `turns`. `text` is empty if nothing is looked for."""

    text: str
    number: int
    """The number of the current match, counted from 1 at the top; 0 if there is none."""
    total: int
    searched: int
    turns: int
