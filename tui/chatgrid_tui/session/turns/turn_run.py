"""One turn, headless: send a message and read the reply.

Messages are sent here and nowhere else. The app, `send` and the tests run the same code, and differ in what they do
with each step.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.exchange import Exchange, ParsedChunk
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT
from chatgrid_tui.errors import ConnectionProblem, ServiceProblem
from chatgrid_tui.model.events import ConversationNamed, Event
from chatgrid_tui.model.provider import Board
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.session.providers.board_choice import choose_board
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import Steps, cooperatively


@dataclass(frozen=True, slots=True)
class BoardFound:
    """The message goes to this board. Yielded only if the message named none."""

    board: Board


@dataclass(frozen=True, slots=True)
class RemoteIdChanged:
    """The service continues the conversation by this id from now on."""

    remote_id: str


TurnStep: TypeAlias = BoardFound | RemoteIdChanged | ParsedChunk
"""What a turn yields, in this order. Events of a chunk are already applied to the reply."""


class SharedSessions(Protocol):
    """Remembers the sessions of providers whose conversations share one on each board (`Provider.same_session`)."""

    async def recall(self, provider: str, board: str) -> str:
        """Return the session of a board; empty if it has none."""

    async def remember(self, provider: str, board: str, session: str) -> None:
        """Let the next conversations of a board continue this session."""


class TurnRun:
    """Sends one message and reads the reply. Used once.

    It knows no store, screen or conversation: its caller updates those from the steps.
    """

    def __init__(
        self,
        client: Client,
        outgoing: Outgoing,
        reply: Reply | None = None,
        *,
        again: Request | None = None,
        board: str = "",
        title: str = "",
        sessions: SharedSessions | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
        silence_timeout: float | None = None,
        answer_timeout: float = ANSWER_TIMEOUT,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Prepare to send `outgoing`, and to apply events to `reply`, by default a new one. `again` is a request that
        was sent for the same message before, and is sent again instead.

        If `outgoing` names no board, use `board`, which is an id or a name; if that is empty, use the first board. If
        it names no conversation, start a new one, with `title` if the service accepts one. `on_event` is called after
        each event is applied. `silence_timeout` and `answer_timeout` are in seconds, as for `Client.send`.
        """
        self.reply = reply or Reply(0, "", clock.utc_now())
        self.remote_id = outgoing.conversation
        """The id by which the service continues the conversation; empty while it has none."""
        self._client = client
        self._outgoing = outgoing
        self._again = again
        self._board = board
        self._title = title
        self._sessions = sessions
        self._on_event = on_event
        self._silence_timeout = silence_timeout
        self._answer_timeout = answer_timeout
        self._clock = clock
        self._started = clock.monotonic()
        self._exchange: Exchange | None = None

    @property
    def recordings(self) -> Sequence[Recording]:
        """What went over the wire for the reply: one recording per request, including refused ones."""
        return () if self._exchange is None else self._exchange.recordings

    @property
    def elapsed(self) -> float:
        """Seconds since the turn began."""
        return self._clock.monotonic() - self._started

    async def steps(self) -> AsyncGenerator[TurnStep, None]:
        """Run the turn to its end; `reply` has the outcome. Closing the generator stops the reply without recording
        that.

        Raises:
            UsageProblem, KeyProblem: nothing was sent.
        """
        try:
            if self._again is None:
                async with aclosing(self._places()) as places:
                    async for place in places:
                        yield place
            self._exchange = await self._send()
            async with aclosing(self._exchange.chunks()) as chunks:
                async for chunk in chunks:
                    self.reply.bytes_came(chunk.elapsed)
                    for remote_id in await cooperatively(self._apply(chunk)):
                        if self._is_continued_by(remote_id):
                            self.remote_id = remote_id
                            yield RemoteIdChanged(remote_id)
                    yield chunk
        except (ConnectionProblem, ServiceProblem) as problem:
            self.reply.give_up(problem.failure, self.elapsed)

    async def _places(self) -> AsyncGenerator[TurnStep, None]:
        """Find the board and the conversation at the service, if the message names none."""
        if not self._outgoing.board:
            yield BoardFound(await self._find_board())
        if not self.remote_id and (remote_id := await self._new_remote_id()):
            self.remote_id = remote_id
            self._outgoing = replace(self._outgoing, conversation=remote_id)
            yield RemoteIdChanged(remote_id)

    async def _send(self) -> Exchange:
        silence, answer = self._silence_timeout, self._answer_timeout
        if self._again is not None:
            return await self._client.send_again(self._again, silence_timeout=silence, answer_timeout=answer)
        return await self._client.send(self._outgoing, silence_timeout=silence, answer_timeout=answer)

    async def _find_board(self) -> Board:
        board = await choose_board(self._client, self._board)
        self._outgoing = replace(self._outgoing, board=board.id)
        self.reply.speaker = board.name
        return board

    async def _new_remote_id(self) -> str:
        """Return the id of a new conversation, or of the session that it shares; empty if it has none yet."""
        provider, board = self._client.provider, self._outgoing.board
        if self._sessions is None or not provider.same_session:
            return await self._client.begin_conversation(board, self._title)
        session = await self._sessions.recall(provider.name, board)
        if not session:
            session = await self._client.begin_conversation(board, self._title)
            await self._sessions.remember(provider.name, board, session)
        return session

    def _is_continued_by(self, remote_id: str) -> bool:
        """Return whether an id that the service sent continues the conversation. The widget's ids do not, and private
        conversations cannot be continued.
        """
        named_by_service = self._client.dialect.conversations == "named by the service"
        return named_by_service and not self._client.provider.private and remote_id != self.remote_id

    def _apply(self, chunk: ParsedChunk) -> Steps[list[str]]:
        """Apply the events of a chunk, one per step: a record may hold thousands. Return the ids that the service
        gave the conversation.
        """
        remote_ids: list[str] = []
        for record in chunk.records:
            for event in record.events:
                self.reply.apply(event, chunk.elapsed)
                self._on_event(event)
                if isinstance(event, ConversationNamed):
                    remote_ids.append(event.remote_id)
                yield
        return remote_ids
