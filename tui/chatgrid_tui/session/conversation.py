"""One conversation as far as it is open: its turns, and where at which service it takes place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board, Provider, Resend
from chatgrid_tui.model.request import Said
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.turn import Turn


@dataclass(slots=True, eq=False)
class Conversation:
    """A conversation. It is the same object for as long as anybody uses it, and is compared as such."""

    provider: Provider
    board: Board
    id: int = 0
    """Its id in the history; 0 until the first message is kept."""
    title: str = ""
    remote_id: str = ""
    """What the service continues it by."""
    draft: str = ""
    turns: list[Turn] = field(default_factory=list)
    draft_read: str = ""
    """The draft as it was read from the history, by which one knows what was typed since."""
    system: str | None = None
    """The system prompt of this conversation alone; None for the provider's."""
    parameters: tuple[tuple[str, Json], ...] | None = None
    """The parameters of this conversation's requests alone; None for the provider's."""
    retry_at: float | None = None
    """When, on the session's clock, the newest turn is tried again by itself."""
    named: bool = False
    """Whether a person gave it its title since it was opened."""
    held: bool = False
    """Whether what is queued stays where it is: the conversation is being deleted."""
    gone: bool = False
    """Whether the service said that it has it no more."""
    stop_at_start: bool = False
    """Whether the reply to the message that is being kept is to be stopped as it begins."""
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Held while a message is being kept or taken back, so that the next one sees how that ended."""

    @property
    def live(self) -> Reply | None:
        """The reply that is being written, if one is."""
        replies = (turn.reply for turn in reversed(self.turns) if not turn.queued)
        newest = next(replies, None)
        return newest if newest is not None and newest.live else None

    @property
    def queued(self) -> list[Turn]:
        """The messages that go out when the reply ends, oldest first."""
        return [turn for turn in self.turns if turn.queued]

    @property
    def newest(self) -> Turn | None:
        """The newest turn that is not queued."""
        return next((turn for turn in reversed(self.turns) if not turn.queued), None)

    @property
    def longest(self) -> int | None:
        """How many UTF-16 units the service takes in one message; None if it has no limit."""
        return DIALECTS[self.provider.kind].longest

    @property
    def resend(self) -> Resend:
        """What sending a message again does at the service."""
        return DIALECTS[self.provider.kind].resend_at(self.provider)

    def said_before(self, turn: Turn) -> tuple[Said, ...]:
        """Return what was said before a turn, for services that remember nothing. Replies without text are
        left out together with what they answer: a service refuses two messages of one side in a row. Of several
        choices that a model gave, the first counts; the bubbles of a bot are all one answer.
        """
        said: list[Said] = []
        for earlier in self.turns[: self.turns.index(turn)]:
            texts = [bubble.text for bubble in earlier.reply.bubbles if bubble.size] if earlier.reply else []
            if earlier.sent and texts:
                choices = DIALECTS[self.provider.kind].bubbles_are_choices
                said += (Said("user", earlier.sent), Said("assistant", texts[0] if choices else "\n\n".join(texts)))
        return tuple(said)
