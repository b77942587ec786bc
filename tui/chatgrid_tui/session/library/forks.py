"""Fork conversations: start a new one with the turns of another up to a message."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from typing import NamedTuple, Protocol

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.saved_conversation import ReadOnly, SavedTurn
from chatgrid_tui.session.changes import ListChanged, SessionListener
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.library.titles import titled_after
from chatgrid_tui.session.tasks import cooperatively, gathered
from chatgrid_tui.session.wording.failures import cannot_change
from chatgrid_tui.store.copies import NewCopy
from chatgrid_tui.store.history import History


class ForkingSession(SessionListener, Protocol):
    """What forks need of the session."""

    index: ConversationIndex
    clock: Clock

    @property
    def read_only(self) -> ReadOnly | None: ...


class Fork(NamedTuple):
    """A fork, and whether the turn that was asked for is not in it, since its reply is being written."""

    conversation: Conversation
    is_before: bool


class Forks:
    """Makes forks of open conversations."""

    def __init__(
        self, session: ForkingSession, history: History, open_conversations: MutableMapping[int, Conversation]
    ) -> None:
        """`open_conversations` maps ids to conversations; forks are added to it."""
        self._session = session
        self._history = history
        self._open = open_conversations

    async def fork(self, conversation: Conversation, turn: Turn) -> Fork:
        """Return a new conversation with the turns up to `turn`, without those that are queued or being answered. It
        is in the history and in the list.

        Raises:
            UsageProblem: there is nothing to fork, or nothing can be changed.
            StorageProblem: it cannot be written.
        """
        if reason := self._session.read_only:
            raise UsageProblem(cannot_change(reason))
        if conversation.deleting or turn not in conversation.turns:
            raise UsageProblem("This message is no longer in the conversation. Nothing was forked.")
        turns = list(_answered(conversation.turns, turn))
        if not turns:
            raise UsageProblem("The first reply is still being written. Stop it, or fork when it has ended.")
        fork = await self._copied(conversation, turns)
        self._open[fork.id] = fork
        self._session.index.refresh(fork, at=self._session.clock.utc_now())
        self._session.notify(ListChanged(fork, moved=True))
        return Fork(fork, turns[-1] is not turn)

    async def _copied(self, conversation: Conversation, turns: Sequence[Turn]) -> Conversation:
        saved: list[SavedTurn] = []
        await cooperatively(gathered(map(_saved, turns), saved))
        provider, board = conversation.provider, conversation.board
        title = titled_after("Fork", conversation.title, self._session.index)
        now = self._session.clock.utc_now()
        new, copied = await self._history.copies.add(
            NewCopy(provider.name, board, title, conversation.options, saved, now)
        )
        restored: list[Turn] = []
        await cooperatively(gathered((Turn.restored(turn, board.name) for turn in copied), restored))
        if (reply := restored[-1].reply) is not None:
            reply.chosen = ()  # that was in the other conversation
        return Conversation(
            provider,
            board,
            new,
            title,
            turns=restored,
            system=conversation.system,
            parameters=conversation.parameters,
        )


def _answered(turns: Sequence[Turn], last: Turn) -> Iterator[Turn]:
    """Yield the turns up to `last`, except for one whose reply is being written, and those after it."""
    for turn in turns:
        if turn.queued or turn.reply is None or any(reply.live for reply in turn.replies):
            return
        yield turn
        if turn is last:
            return


def _saved(turn: Turn) -> SavedTurn:
    replies = tuple(reply.saved() for reply in turn.replies)
    return SavedTurn(turn.id, turn.first_shown, turn.first_sent, turn.sent_at, replies, turn.selected)
