"""What the transcript tells those above it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from chatgrid_tui.session.conversation import Turn


@dataclass
class SuggestionPressed(Message, namespace="transcript"):
    """An answer of a turn was chosen, counted from 0. It says which turn, not where that stands: others may be put
    before it while this is on its way.
    """

    turn: Turn
    index: int


@dataclass
class ButtonPressed(Message, namespace="transcript"):
    """A button of a notice, or `take back` under a queued message."""

    turn: Turn
    button_id: str


@dataclass
class LinkOpened(Message, namespace="transcript"):
    """A link of a text is to be opened. `url` is http or https, as it was written. `named` is the other address that
    its label names, if it does.
    """

    url: str
    named: str = ""


@dataclass
class AttachmentOpened(Message, namespace="transcript"):
    """A file is to be opened. `url` is http or https, as it was sent; `name` is cleaned."""

    url: str
    name: str


@dataclass
class SourceCopied(Message, namespace="transcript"):
    """A text is to be copied: the source of what is shown, or an address. `what` names it, such as
    `code block 2 of 3 (python, 14 lines)`.
    """

    text: str
    what: str


@dataclass
class ErrorCopied(Message, namespace="transcript"):
    """What is said of a reply that failed, or has no text, is to be copied."""

    turn: Turn


@dataclass
class MenuRequested(Message, namespace="transcript"):
    """The bubble with the cursor has nothing to open but its menu."""


@dataclass
class NothingDone(Message, namespace="transcript"):
    """A key can do nothing here. `reason` is a sentence that says why."""

    reason: str


@dataclass
class ChoicePressed(Message, namespace="transcript"):
    """A row or a button of the first screen, counted from 0 over both."""

    index: int


class BeginningNeared(Message, namespace="transcript"):
    """Less than a screen stands before what is being read."""


@dataclass
class FollowChanged(Message, namespace="transcript"):
    """The pane follows new text, or holds still with so many new lines below."""

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
