"""Replies being written: one task each, from sending to the end of the body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final, Protocol

from chatgrid_tui.engine.exchange import Exchange
from chatgrid_tui.errors import ChatgridError, ConnectionProblem, KeyProblem, ServiceProblem, StorageProblem
from chatgrid_tui.model.events import BodyEnded, ConversationNamed, StreamFailed
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Outgoing
from chatgrid_tui.session.changes import Change, ListChanged, TurnChanged
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.explain import is_limit
from chatgrid_tui.session.keeping import ReplyKeeper
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.services import Services
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.store.history import History

LONGEST_WAIT: Final = 300.0
"""Seconds that are waited before a try of our own, whatever the service asks for."""
PATIENCE: Final = 300.0
"""Seconds that the head of an answer may take: a local model may read a long conversation first."""


class Told(Protocol):
    """Whoever is told how replies come along."""

    def tell(self, change: Change) -> None: ...
    def trouble(self, problem: StorageProblem) -> None: ...
    async def reply_ended(self, conversation: Conversation) -> None: ...


class Runner:
    """Starts, stops and ends replies; at most one a conversation."""

    def __init__(self, services: Services, history: History, told: Told, clock: Callable[[], float]) -> None:
        self._services = services
        self._history = history
        self._told = told
        self._clock = clock
        self._tasks: dict[Conversation, asyncio.Task[None]] = {}
        self._tried: set[int] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._retries: dict[Conversation, asyncio.Task[None]] = {}

    def start(self, conversation: Conversation, turn: Turn) -> None:
        """Send a turn's message for a new reply."""
        turn.reply = Reply(0, conversation.board.name, datetime.now(UTC))
        self._tell(conversation, turn)
        self._tasks[conversation] = asyncio.create_task(self._run(conversation, turn, turn.reply))

    def stop(self, conversation: Conversation) -> None:
        """Stop the reply of a conversation."""
        task = self._tasks.get(conversation)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop all replies and wait until what they said is kept."""
        stopped = [*self._tasks.values(), *self._retries.values()]
        for task in stopped:
            task.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _run(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        started = self._clock()
        exchange: Exchange | None = None
        keeper = ReplyKeeper(self._history, reply, self._told.trouble)
        try:
            await self._keep_beginning(turn, reply)
            exchange = await self._sent(conversation, turn)
            await self._read(exchange, conversation, turn, reply, keeper)
        except asyncio.CancelledError:
            reply.stop(self._clock() - started)
        except ChatgridError as problem:
            reply.apply(StreamFailed(_failure_of(problem)), self._clock() - started)
            reply.apply(BodyEnded(), self._clock() - started)
        finally:
            del self._tasks[conversation]
            ending = asyncio.create_task(self._end(conversation, turn, reply, keeper, exchange))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _keep_beginning(self, turn: Turn, reply: Reply) -> None:
        try:
            reply.id = await self._history.add_reply(turn.id, reply.speaker, reply.started_at)
        except StorageProblem as problem:
            self._told.trouble(problem)

    async def _sent(self, conversation: Conversation, turn: Turn) -> Exchange:
        service = await self._services.of(conversation.provider)
        if not conversation.remote_id:
            conversation.remote_id = await service.begin_conversation(conversation.board.id, conversation.title)
            await self._keep_remote_id(conversation)
        outgoing = Outgoing(
            conversation.provider,
            conversation.board.id,
            turn.sent,
            conversation.remote_id,
            history=conversation.said_before(turn),
        )
        return await service.send(outgoing, patience=PATIENCE)

    async def _read(
        self, exchange: Exchange, conversation: Conversation, turn: Turn, reply: Reply, keeper: ReplyKeeper
    ) -> None:
        async with aclosing(exchange.batches()) as batches:
            async for batch in batches:
                state = reply.state
                for arrival in batch.arrivals:
                    for event in arrival.events:
                        reply.apply(event, batch.elapsed)
                        keeper.took(event)
                        if isinstance(event, ConversationNamed):
                            await self._named(conversation, event.remote_id)
                self._tell(conversation, turn)
                if reply.state != state:
                    self._told.tell(ListChanged(conversation))

    async def _named(self, conversation: Conversation, remote_id: str) -> None:
        """Take the id that the service gives a conversation; the widget's is of no use to go on by."""
        if conversation.provider.kind == "chatiq" and remote_id != conversation.remote_id:
            conversation.remote_id = remote_id
            await self._keep_remote_id(conversation)

    async def _keep_remote_id(self, conversation: Conversation) -> None:
        if conversation.id and conversation.remote_id:
            try:
                await self._history.name_remote(conversation.id, conversation.remote_id)
            except StorageProblem as problem:
                self._told.trouble(problem)

    async def _end(
        self, conversation: Conversation, turn: Turn, reply: Reply, keeper: ReplyKeeper, exchange: Exchange | None
    ) -> None:
        self._plan_retry(conversation, turn, reply)
        self._tell(conversation, turn)
        await keeper.close(exchange.recording if exchange is not None else None)
        await self._told.reply_ended(conversation)
        if conversation.retry_at is not None:
            self._retries[conversation] = asyncio.create_task(self._retry_in_time(conversation, turn))

    def _plan_retry(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Plan one try by itself where the service says when, and did not take the message."""
        failure = reply.failure
        if reply.state != "failed" or failure is None or not is_limit(failure) or failure.retry_after is None:
            return
        if id(turn) not in self._tried:
            self._tried.add(id(turn))
            conversation.retry_at = self._clock() + min(failure.retry_after, LONGEST_WAIT)

    async def _retry_in_time(self, conversation: Conversation, turn: Turn) -> None:
        planned = conversation.retry_at
        await asyncio.sleep(max(0.0, (planned or 0.0) - self._clock()))
        still_wanted = planned is not None and conversation.retry_at == planned
        if still_wanted and conversation.newest is turn and conversation.live is None:
            conversation.retry_at = None
            self.start(conversation, turn)

    def _tell(self, conversation: Conversation, turn: Turn) -> None:
        if turn in conversation.turns:
            self._told.tell(TurnChanged(conversation, conversation.turns.index(turn)))


def _failure_of(problem: ChatgridError) -> Failure:
    match problem:
        case ConnectionProblem(failure=failure) | ServiceProblem(failure=failure):
            return failure
        case KeyProblem():
            return Failure("network", "key", place=str(problem))
        case _:
            return Failure("protocol", "not a reply", place=str(problem))
