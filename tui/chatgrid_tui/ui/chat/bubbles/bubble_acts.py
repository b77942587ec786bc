"""What an entry in the menu of a bubble does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from chatgrid_tui.ui.actions.reading import AttachmentTask
from chatgrid_tui.ui.chat.queued_messages import QueueTask
from chatgrid_tui.ui.chat.say_again import AgainTask
from chatgrid_tui.ui.wire.recording_actions import RecordingTask
from chatgrid_tui.ui.wire.request_actions import RequestTask


@dataclass(frozen=True, slots=True)
class CopyText:
    """Copy a text; `what` names it."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class CopyPlain:
    """Copy a text without its Markdown; `what` names it."""

    source: str
    what: str


@dataclass(frozen=True, slots=True)
class ViewText:
    """Show a text in the pager."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Open an address; `named` is a different address in its label, if there is one."""

    url: str
    named: str = ""


@dataclass(frozen=True, slots=True)
class UseFile:
    """Do something with a file of the reply, by its index in the reply."""

    task: AttachmentTask
    index: int


@dataclass(frozen=True, slots=True)
class QuoteText:
    """Append a text to the message as a quote."""

    text: str


@dataclass(frozen=True, slots=True)
class ShowDetails:
    """Show the details of the reply."""


@dataclass(frozen=True, slots=True)
class ShowFolded:
    """Show the reasoning of the reply, or its calls to tools."""

    what: Literal["reasoning", "tools"]


@dataclass(frozen=True, slots=True)
class CopyDetails:
    """Copy the details of the reply."""


@dataclass(frozen=True, slots=True)
class UseRequest:
    """Do something with the request of the reply."""

    task: RequestTask


@dataclass(frozen=True, slots=True)
class UseRecording:
    """Do something with the recording of the reply."""

    task: RecordingTask


@dataclass(frozen=True, slots=True)
class ActOnMessage:
    """Send the message again in some way, or show another reply to it."""

    task: AgainTask


@dataclass(frozen=True, slots=True)
class ActOnQueued:
    """Send a queued message now, or in another order."""

    task: QueueTask


@dataclass(frozen=True, slots=True)
class SaveEvidence:
    """Save what shows how the reply went."""


@dataclass(frozen=True, slots=True)
class MarkReply:
    """Ask what the user says of the reply."""


@dataclass(frozen=True, slots=True)
class CheckStored:
    """Ask the service what it stored of the reply."""


@dataclass(frozen=True, slots=True)
class ForkHere:
    """Start a conversation with the turns up to this one; `to_edit`, with those before it, to say something else."""

    to_edit: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do nothing; `reason` is a sentence that says why not."""

    reason: str


ActOnRecording: TypeAlias = UseRequest | UseRecording | SaveEvidence
Act: TypeAlias = (
    CopyText
    | CopyPlain
    | ViewText
    | OpenLink
    | UseFile
    | QuoteText
    | ShowDetails
    | ShowFolded
    | CopyDetails
    | ActOnMessage
    | ActOnQueued
    | ActOnRecording
    | MarkReply
    | CheckStored
    | ForkHere
    | Refuse
)
