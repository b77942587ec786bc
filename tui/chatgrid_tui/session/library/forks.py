"""Fork conversations: start a new one with the turns of another up to a message."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.saved_conversation import ConversationRow, SavedTurn
from chatgrid_tui.session.changes import ListChanged, SessionListener
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.library.conversation_index import ConversationIndex
from chatgrid_tui.session.sync.chat_list import TITLE_LENGTH
from chatgrid_tui.session.tasks import cooperatively, gathered
from chatgrid_tui.session.wording.failures import cannot_change
from chatgrid_tui.store.copies import NewCopy
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted

Made: TypeAlias = Literal["Fork", "Again"]
"""What a title begins with."""
_BEFORE: Final = re.compile(r"(?:Fork|Again)(?: \d{1,6})?: ")
_ALL = "Forked here. The bot knows all of this: it is sent along with each message."


class ForkingSession(SessionListener, Protocol):
    """What forks need of the session."""

    index: ConversationIndex
    clock: Clock


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


def titled_after(made: Made, title: str, rows: Iterable[ConversationRow]) -> str:
    """Return a title that no row has: `Fork: Opening hours`, then `Fork 2: Opening hours`."""
    plain = _BEFORE.sub("", clean_line(title, TITLE_LENGTH), count=1).strip() or "Untitled"
    taken = {row.title for row in rows if row.title.startswith(made)}
    titles = (f"{made}{f' {number}' if number > 1 else ''}: {plain}" for number in itertools.count(1))
    return next(new for each in titles if (new := clean_line(each, TITLE_LENGTH)) not in taken)


def what_is_known(provider: Provider) -> str:
    """Return what the bot of a forked conversation will know of the copied messages."""
    along = DIALECTS[provider.kind].sent_along(provider)
    if along.most is None:
        return _ALL
    if along.most:
        last = f"the last {counted(along.most, 'message')} of this"
        if along.each_time:
            return f"Forked here. The bot knows no more than {last}, sent along with each message."
        return f"Forked here. The next message takes {last} along; the bot will remember nothing else from above."
    if provider.same_session:
        return "Forked here. The bot continues its last session; it is not told what is above."
    return "Forked here. The bot starts anew: it will remember only what is sent from here on."


def what_is_new(provider: Provider) -> str:
    """Return what a conversation of a new user is to a service."""
    dialect = DIALECTS[provider.kind]
    if dialect.has_sessions:
        return "New user: the next message starts a fresh session."
    service = dialect.service or dialect.name
    return f"{service[0].upper()}{service[1:]} has no sessions: this is simply a new conversation."
