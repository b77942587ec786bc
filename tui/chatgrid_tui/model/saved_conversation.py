"""Conversations as the history stores them.

Local ids are row ids of the history; ids from services are `remote_id`. Times are aware, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.model.provider import Board
from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.model.truth_check import TruthCheck

ReplyState: TypeAlias = Literal["waiting", "writing", "finished", "truncated", "failed", "stopped", "interrupted"]
"""`truncated`: it ended without its end mark · `stopped`: by the user · `interrupted`: the program ended while the
reply was being written."""

LIVE_STATES: frozenset[ReplyState] = frozenset({"waiting", "writing"})

ReadOnly: TypeAlias = Literal["another window", "newer version", "not writable", "recording", "watching"]
"""Why a history is read-only: another window writes it · a newer version of the program made it · the disk is full,
or another program keeps the file locked · it is a recording · it is what another client and a service exchange."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation as the list shows it."""

    id: int
    provider: str
    board: str
    board_name: str
    title: str
    remote_id: str
    preview: str
    """A line of the newest message, as stored; the list adds `You:` if it is the user's."""
    preview_mine: bool
    state: ReplyState | None
    """The state of the newest reply, or None."""
    unread: int
    draft: str
    updated_at: datetime
    gone: bool = False
    """Whether the service reported that it no longer has the conversation."""
    failure: Failure | None = None
    """Why the newest reply failed, if it did."""
    verdict: ReplyVerdict | None = None
    """The user's verdict on the newest reply that has one."""
    pinned: bool = False
    """Whether it comes first in the list."""
    archived: bool = False
    """Whether it is kept out of the list."""


@dataclass(frozen=True, slots=True)
class ListedChat:
    """A conversation as a service lists it; `at` is the time of its newest message."""

    remote_id: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SavedReply:
    """A stored reply; `bubbles` are whole texts."""

    id: int
    state: ReplyState
    speaker: str
    started_at: datetime
    bubbles: tuple[str, ...] = ()
    attachments: tuple[JsonObject, ...] = ()
    suggestions: tuple[JsonObject, ...] = ()
    usage: JsonObject | None = None
    finish_reason: str = ""
    """Why the model stopped, as the service sent it; empty if it did not say."""
    reasoning: tuple[str, ...] = ()
    """The model's reasoning, one text for each bubble that has any."""
    tool_calls: tuple[JsonObject, ...] = ()
    """The tool calls, in the shape of OpenAI's `tool_calls`."""
    model: str = ""
    remote_id: str = ""
    failure: Failure | None = None
    first_token: float | None = None
    """Seconds from sending to the first text."""
    duration: float | None = None
    """Seconds from sending to the end."""
    deltas: int = 0
    warnings: int = 0
    chosen: tuple[int, ...] = ()
    """The indexes of the suggestions that were sent, the newest last."""
    recording_kept: bool = False
    """Whether its recording is kept, however old it gets."""
    truth: TruthCheck | None = None
    """How it compares with what the service stored, if that was asked."""
    verdict: ReplyVerdict | None = None
    """The user's verdict on it."""
    note: str = ""
    """The user's note on it: a sentence."""
    edited_message: str | None = None
    """The message that it answers instead of its turn's, if that was edited."""


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A user's message, stored before it was sent, and its replies, oldest first."""

    id: int
    shown: str
    """What the user's bubble shows: the text typed, or the label of a suggestion."""
    sent: str
    """What went to the service: the text typed, or the payload of a suggestion."""
    sent_at: datetime
    replies: tuple[SavedReply, ...] = ()
    selected: int | None = None
    """The index in `replies` of the selected one; None for the newest."""
    copied: bool = False
    """Whether it was copied from another conversation."""


@dataclass(frozen=True, slots=True)
class SaidMessage:
    """The beginning of a user's message, to search for it, and the conversation that it is from."""

    turn_id: int
    beginning: str
    at: datetime
    title: str
    board_name: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Something that was on the screen: a conversation, or a board (then `conversation` is 0)."""

    provider: str
    board: Board
    conversation: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """The provider's name and the board's id."""
        return self.provider, self.board.id


@dataclass(frozen=True, slots=True)
class NewConversation:
    """A conversation in which nothing has been sent yet."""

    provider: str
    board: Board
    draft: str
    options: JsonObject | None = None
