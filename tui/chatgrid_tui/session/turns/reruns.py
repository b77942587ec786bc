"""Send the messages of a conversation again, one after the other, in a new one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.alerts import Alerts
from chatgrid_tui.session.changes import SessionListener
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.library.forks import titled_after
from chatgrid_tui.session.providers import removed
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.turns.outbox import Outbox
from chatgrid_tui.session.wording.failures import cannot_send
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted

_WHY: Final[dict[ReplyState, str]] = {
    "failed": "the reply failed",
    "truncated": "the reply broke off",
    "stopped": "it was stopped",
}


class RerunSession(SessionListener, Protocol):
    """What reruns need of the session."""

    alerts: Alerts
    clients: Clients
    index: ConversationIndex


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send again: the text or the payload of a suggestion, and what the user's bubble shows."""

    sent: str
    shown: str


@dataclass(slots=True)
class _Rerun:
    left: deque[Message]
    count: int
    turn: Turn | None = None
    """The turn of the message that was sent last; None while the next one is being saved."""

    @property
    def place(self) -> int:
        return self.count - len(self.left)


def messages_of(conversation: Conversation) -> list[Message]:
    """Return the user's messages, oldest first, without those that were not sent yet."""
    return [Message(turn.sent, turn.shown) for turn in conversation.turns if turn.sent and not turn.queued]


class Reruns:
    """Sends the messages, each after the reply to the one before. Each is saved before it is sent, as any other."""

    def __init__(self, session: RerunSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._running: dict[Conversation, _Rerun] = {}

    def progress(self, conversation: Conversation) -> str:
        """Return how far a rerun is, such as `3 of 12`; empty if the conversation is none, or none any more."""
        rerun = self._running.get(conversation)
        if rerun is None or conversation.deleting:
            return ""
        return f"{rerun.place:,} of {rerun.count:,}"

    async def start(self, source: Conversation, provider: Provider, board: Board) -> Conversation:
        """Send the messages of `source` on a board, and return the new conversation once the first one is saved. The
        system prompt and the parameters are the same if the kind of service has them.

        Raises:
            UsageProblem: the service would not accept one of the messages, or nothing can be sent. Nothing was.
        """
        messages = messages_of(source)
        self._check(messages, provider)
        conversation = Conversation(provider, board, title=titled_after("Again", source.title, self._session.index))
        if DIALECTS[provider.kind].takes_options:
            conversation.system, conversation.parameters = source.system, source.parameters
        rerun = self._running[conversation] = _Rerun(deque(messages), len(messages))
        try:
            await self._send_next(conversation, rerun)
        except UsageProblem:
            self._running.pop(conversation, None)
            raise
        return conversation

    async def reply_ended(self, conversation: Conversation) -> None:
        """Send the next message of a conversation, unless its reply was not whole. While the conversation is being
        deleted, wait: call it again if that is undone, else `stop`.
        """
        rerun = self._running.get(conversation)
        if rerun is None or rerun.turn is None or conversation.deleting:
            return
        reply = rerun.turn.reply
        if conversation.retry_at is not None or reply is None or reply.live:
            return  # it gets another reply
        if reply.state != "finished":
            self._end(conversation, rerun, _WHY.get(reply.state, "the program ended"))
        elif not rerun.left:
            del self._running[conversation]
        elif conversation.live is None and not conversation.queued:  # else the user sent something in between
            try:
                await self._send_next(conversation, rerun)
            except UsageProblem as problem:
                self._end(conversation, rerun, str(problem))

    def stop(self, conversation: Conversation) -> str:
        """Send no more messages, and return a sentence on how far it went; empty if there was nothing to stop."""
        rerun = self._running.pop(conversation, None)
        return "" if rerun is None else f"Sending again ends after {_how_far(rerun)}."

    def close(self) -> None:
        """Send no more messages."""
        self._running.clear()

    async def _send_next(self, conversation: Conversation, rerun: _Rerun) -> None:
        message, rerun.turn = rerun.left[0], None
        # With what is shown, even if it is the same: a draft in the conversation stays.
        rerun.turn = await self._outbox.send(conversation, message.sent, shown=message.shown)
        rerun.left.popleft()

    def _end(self, conversation: Conversation, rerun: _Rerun, why: str) -> None:
        if self._running.pop(conversation, None) is not None:
            title = clean_line(conversation.title, 60)
            self._session.alerts.add(f'"{title}" ends after {_how_far(rerun)}: {why.rstrip(".")}.')

    def _check(self, messages: Sequence[Message], provider: Provider) -> None:
        if self._session.read_only:
            raise UsageProblem(cannot_send(self._session.read_only))
        if not messages:
            raise UsageProblem("There are no messages to send again.")
        removed.check(provider, self._session.clients.settings)
        for number, message in enumerate(messages, 1):
            try:
                DIALECTS[provider.kind].check(message.sent)
            except UsageProblem as problem:
                raise UsageProblem(f"Message {number:,} of {len(messages):,}: {problem}") from problem


def _how_far(rerun: _Rerun) -> str:
    return f"{rerun.place:,} of {counted(rerun.count, 'message')}"
