"""An open conversation: its turns, its options, its provider and board."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Board, Provider, Resend
from chatgrid_tui.model.reply_mark import ReplyVerdict
from chatgrid_tui.model.request import Said
from chatgrid_tui.model.saved_conversation import SavedTurn
from chatgrid_tui.session.reply import Reply

Parameters: TypeAlias = tuple[tuple[str, Json], ...]
"""Parameters of a request, in the order of sending."""


@dataclass(slots=True, eq=False)
class Turn:
    """A user's message and the replies to it: each retry adds one. A queued turn has not been sent and has none.

    A reply may answer an edited message. What was shown and sent is that of the reply that counts.

    A turn that exists only at the service has `remote` and no ids. Its message is empty if the service sent something
    that answers no message.
    """

    id: int
    first_shown: str
    """What the user's bubble showed at first: the text typed, or the label of a suggestion."""
    first_sent: str
    sent_at: datetime
    replies: list[Reply] = field(default_factory=list)
    """All replies, oldest first."""
    queued: bool = False
    remote: tuple[str, ...] = ()
    """The ids of the service's messages that it consists of, if it is not in the history on this machine."""
    note: str = ""
    """A sentence to show under the reply."""
    selected: int | None = None
    """The index of the reply that counts; None for the newest one."""
    copied: bool = False
    """Whether it was copied from another conversation, and not sent in this one."""

    @property
    def reply(self) -> Reply | None:
        """The reply that counts: the selected one, else the newest."""
        if not self.replies:
            return None
        return self.replies[-1 if self.selected is None else self.selected]

    @property
    def shown(self) -> str:
        """What the user's bubble shows."""
        return self.shown_for(self.reply)

    @property
    def sent(self) -> str:
        """What went to the service for the reply that counts."""
        reply = self.reply
        return self.first_sent if reply is None or reply.edited_message is None else reply.edited_message

    def shown_for(self, reply: Reply | None) -> str:
        """Return the message that one of the replies answers."""
        return self.first_shown if reply is None or reply.edited_message is None else reply.edited_message

    @property
    def earlier(self) -> Sequence[Reply]:
        """The replies before the one that counts, oldest first."""
        return self.replies[: -1 if self.selected is None else self.selected]

    @property
    def number(self) -> int:
        """The place of the reply that counts among the replies, from 0."""
        return len(self.earlier)

    @property
    def has_variants(self) -> bool:
        """Whether there is more than one answer to choose from. A refusal before the answer is none."""
        others = (reply for reply in self.replies if reply is not self.reply)
        return self.number < len(self.replies) - 1 or any(not reply.empty for reply in others)

    def add_reply(self, reply: Reply) -> None:
        """Add a reply and select it. The message is then one of this conversation."""
        self.replies.append(reply)
        self.selected, self.copied = None, False

    @classmethod
    def restored(cls, saved: SavedTurn, speaker: str) -> Turn:
        """Return a turn from the history. One without replies was saved but never sent: it gets an interrupted reply
        by `speaker`.
        """
        replies = [Reply.restored(reply) for reply in saved.replies]
        sent = saved.shown if saved.sent == saved.shown else saved.sent  # one string instead of two that are equal
        turn = cls(saved.id, saved.shown, sent, saved.sent_at, replies)
        turn.selected = saved.selected if saved.selected in range(len(replies)) else None
        turn.copied = saved.copied
        if not replies:
            turn.replies.append(Reply(0, speaker, saved.sent_at, state="interrupted"))
        return turn


def unsent(turns: Sequence[SavedTurn]) -> Sequence[SavedTurn]:
    """Return the turns at the end that were still queued: a turn gets its reply before it is sent."""
    sent_count = max((number for number, turn in enumerate(turns, 1) if turn.replies), default=0)
    return turns[sent_count:]


@dataclass(slots=True, eq=False)
class Conversation:
    """A conversation. Each open conversation has exactly one object, so objects can be compared by identity."""

    provider: Provider
    board: Board
    id: int = 0
    """Its id in the history; 0 until the first message is saved."""
    title: str = ""
    remote_id: str = ""
    """The id by which the service continues it."""
    draft: str = ""
    turns: list[Turn] = field(default_factory=list)
    draft_read: str = ""
    """The draft as read from the history, to tell what was typed since."""
    recall_edits: dict[str, str] = field(default_factory=dict)
    """What recalled messages were edited to and not sent yet, by the text that was said."""
    system: str | None = None
    """The system prompt of this conversation; None for the provider's."""
    parameters: Parameters | None = None
    """The request parameters of this conversation; None for the provider's."""
    retry_at: float | None = None
    """When the newest turn is sent again automatically, on the session's clock."""
    renamed: bool = False
    """Whether the user changed its title since it was opened."""
    deleting: bool = False
    """Whether the conversation is being deleted; nothing is sent then."""
    gone: bool = False
    """Whether the service no longer has it."""
    stop_at_start: bool = False
    """Whether to stop the reply to the message that is being saved as soon as it starts."""
    save_lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Held while a message is being saved or taken back, so that the next one sees the outcome."""

    @property
    def newest(self) -> Turn | None:
        """The newest turn that is not queued."""
        return next((turn for turn in reversed(self.turns) if not turn.queued), None)

    @property
    def live(self) -> Reply | None:
        """The reply that is being written, if there is one."""
        reply = None if self.newest is None else self.newest.reply
        return reply if reply is not None and reply.live else None

    @property
    def copied(self) -> int:
        """How many turns were copied from another conversation: the first ones."""
        return bisect_left(self.turns, True, key=lambda turn: not turn.copied)

    @property
    def queued(self) -> list[Turn]:
        """The messages to send when the reply ends, oldest first."""
        return [turn for turn in self.turns if turn.queued]

    @property
    def verdict(self) -> ReplyVerdict | None:
        """The user's verdict on the newest reply that has one."""
        replies = (reply for turn in reversed(self.turns) for reply in reversed(turn.replies))
        return next((reply.verdict for reply in replies if reply.verdict is not None), None)

    @property
    def longest(self) -> int | None:
        """How many UTF-16 units the service accepts in one message; None if there is no limit."""
        return DIALECTS[self.provider.kind].longest

    @property
    def resend(self) -> Resend:
        """What sending a message again does at the service."""
        return DIALECTS[self.provider.kind].resend_at(self.provider)

    @property
    def keeps_messages(self) -> bool:
        """Whether the service keeps the messages, so that one that is sent again is there twice."""
        return DIALECTS[self.provider.kind].conversations != "none" and not self.provider.private

    @property
    def has_remote_messages(self) -> bool:
        """Whether the service can list its messages."""
        provider = self.provider
        return bool(self.remote_id) and DIALECTS[provider.kind].has_messages and not provider.private

    @property
    def provider_with_options(self) -> Provider:
        """The provider with the options of this conversation applied."""
        provider = self.provider
        if self.system is not None:
            provider = replace(provider, system=self.system)
        if self.parameters is not None:
            provider = replace(provider, parameters=self.parameters)
        return provider

    @property
    def has_options(self) -> bool:
        """Whether the conversation has options of its own."""
        return self.system is not None or self.parameters is not None

    @property
    def options(self) -> JsonObject | None:
        """The options as the history stores them; None if there are none."""
        options: dict[str, Json] = {}
        if self.system is not None:
            options["system"] = self.system
        if self.parameters is not None:
            options["parameters"] = dict(self.parameters)
        return options or None

    def restore_options(self, options: Json) -> None:
        """Set the options that the history stored. Unreadable values count as not set."""
        stored = options if isinstance(options, Mapping) else {}
        system, parameters = stored.get("system"), stored.get("parameters")
        self.system = system if isinstance(system, str) else None
        self.parameters = tuple(parameters.items()) if isinstance(parameters, Mapping) else None

    def said_before(self, turn: Turn) -> tuple[Said, ...]:
        """Return the messages before a turn, for services that do not store them.

        Messages without a reply are left out: services refuse two messages of one side in a row. Of several choices
        of a model, the first counts; the bubbles of a bot are one answer.
        """
        bubbles_are_choices = DIALECTS[self.provider.kind].bubbles_are_choices
        messages: list[Said] = []
        for earlier in self.turns[: self.turns.index(turn)]:
            texts = [bubble.text for bubble in earlier.reply.bubbles if bubble.size] if earlier.reply else []
            if earlier.sent and texts:
                answer = texts[0] if bubbles_are_choices else "\n\n".join(texts)
                messages += (Said("user", earlier.sent), Said("assistant", answer))
        return tuple(messages)
