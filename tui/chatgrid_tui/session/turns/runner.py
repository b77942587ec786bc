"""Replies being written: one task each, from sending to the end of the body."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.exchange import Exchange, ParsedChunk
from chatgrid_tui.errors import (
    ChatgridError,
    ConnectionProblem,
    KeyProblem,
    ServiceProblem,
    StorageProblem,
    UsageProblem,
)
from chatgrid_tui.model.events import ConversationNamed
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.request import Outgoing
from chatgrid_tui.session.changes import ReplyListener, TurnChanged, UnhandledError
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.options import provider_for
from chatgrid_tui.session.providers.boards import choose_board
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import BackgroundTasks, Steps, Timing, cooperatively, report_error
from chatgrid_tui.session.turn import Turn
from chatgrid_tui.session.turns.reply_writer import ReplyWriter
from chatgrid_tui.session.wording.refusals import is_limit, is_long_limit
from chatgrid_tui.store.history import History

logger = logging.getLogger(__name__)

PATIENCE: Final = 300.0
"""Seconds that the head of an answer may take: a local model may read a long conversation first."""


@dataclass(slots=True, eq=False)
class _Run:
    """One reply on its way."""

    conversation: Conversation
    turn: Turn
    reply: Reply
    writer: ReplyWriter
    started: float
    exchange: Exchange | None = None


class Runner:
    """Starts, stops and ends replies; at most one a conversation."""

    def __init__(self, clients: Clients, history: History, listener: ReplyListener, timing: Timing) -> None:
        self.closed = False
        """Whether no reply is begun any more."""
        self._services = clients
        self._history = history
        self._listener = listener
        self._timing = timing
        self._writing: dict[Conversation, asyncio.Task[None]] = {}
        self._tried: set[Turn] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._retries = BackgroundTasks(listener.notify)
        self._endings: set[asyncio.Task[None]] = set()

    def start(self, conversation: Conversation, turn: Turn) -> None:
        """Send a turn's message for a new reply."""
        if self.closed:
            return
        reply = Reply(0, conversation.board.name, datetime.now(UTC))
        turn.replies.append(reply)
        writer = ReplyWriter(self._history, reply, self._listener, self._timing.sleep)
        writer.begin(turn.id)
        run = _Run(conversation, turn, reply, writer, self._timing.now())
        self._tell(conversation, turn)
        self._listener.row_changed(conversation)
        task = asyncio.create_task(self._run(run))
        self._writing[conversation] = task
        self._tasks.add(task)
        # Not in the task itself: stopped before its first step, a task does nothing at all.
        task.add_done_callback(lambda task: self._ended(run, task))

    def stop(self, conversation: Conversation) -> None:
        """Stop the reply of a conversation."""
        task = self._writing.get(conversation)
        if task is not None:
            task.cancel()

    async def stop_and_keep(self, conversation: Conversation) -> None:
        """Stop the reply of a conversation, and wait until what it said is kept."""
        task = self._writing.get(conversation)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            await asyncio.gather(*self._endings, return_exceptions=True)

    async def close(self) -> None:
        """Stop all replies and wait until what they said is kept."""
        self.closed = True
        await self._retries.close()
        stopped = list(self._tasks)
        for task in stopped:
            task.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)
        await asyncio.gather(*self._endings, return_exceptions=True)

    async def _run(self, run: _Run) -> None:
        try:
            await run.writer.begun()
            run.exchange = await self._sent(run.conversation, run.turn)
            await self._read(run, run.exchange)
        except ChatgridError as problem:
            run.reply.give_up(_failure_of(problem), self._timing.now() - run.started)

    def _ended(self, run: _Run, task: asyncio.Task[None]) -> None:
        elapsed = self._timing.now() - run.started
        if task.cancelled():
            run.reply.interrupt(elapsed) if self.closed else run.reply.stop(elapsed)
        elif (error := task.exception()) is not None:
            run.reply.interrupt(elapsed)  # an error of our own must not leave it live for ever
            self._listener.notify(UnhandledError(error))
        if run.reply.failure is not None:
            self._services.reply_failed(run.conversation.provider, run.reply.failure)
        logger.info("Reply %s after %.3f s", run.reply.state, elapsed)
        self._tasks.discard(task)
        if self._writing.get(run.conversation) is task:
            del self._writing[run.conversation]
        self._plan_retry(run.conversation, run.turn, run.reply)
        self._tell(run.conversation, run.turn)
        ending = asyncio.create_task(self._end(run))
        self._endings.add(ending)
        ending.add_done_callback(self._end_done)

    async def _end(self, run: _Run) -> None:
        """Keep what it became, and go on: with what is queued, or with another try."""
        await run.writer.close(None if run.exchange is None else run.exchange.recording)
        await self._listener.reply_ended(run.conversation)
        if run.conversation.retry_at is not None and not self.closed:
            self._retries.start(self._retry_in_time(run.conversation, run.turn))

    def _end_done(self, ending: asyncio.Task[None]) -> None:
        self._endings.discard(ending)
        report_error(ending, self._listener.notify)

    async def _sent(self, conversation: Conversation, turn: Turn) -> Exchange:
        conversation.provider = self._services.current(conversation.provider)
        client = await self._services.of(conversation.provider)
        if not conversation.board.id:
            await self._find_board(client, conversation, turn)
        if not conversation.remote_id:
            conversation.remote_id = await self._remote_id(client, conversation)
            await self._keep_remote_id(conversation)
        outgoing = Outgoing(
            provider_for(conversation),
            conversation.board.id,
            turn.sent,
            conversation.remote_id,
            history=conversation.said_before(turn),
        )
        return await client.send(outgoing, patience=PATIENCE)

    async def _find_board(self, client: Client, conversation: Conversation, turn: Turn) -> None:
        """Find a board for a conversation that was begun while none was known."""
        conversation.board = await choose_board(client)
        if turn.reply is not None:
            turn.reply.speaker = conversation.board.name
        if conversation.id:
            try:
                await self._history.set_board(conversation.id, conversation.board.id, conversation.board.name)
            except StorageProblem as problem:
                self._listener.storage_failed(problem)
        await self._listener.board_found(conversation)

    async def _remote_id(self, client: Client, conversation: Conversation) -> str:
        """Begin a conversation at the service, or go on with the session that all conversations of a board share."""
        board = conversation.board.id
        if not client.provider.same_session:
            return await client.begin_conversation(board, conversation.title)
        place = f"session {client.provider.name} {board}"
        try:
            session = await self._history.recall(place) or await client.begin_conversation(board)
            await self._history.remember(place, session)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)
            return await client.begin_conversation(board)
        return session

    async def _read(self, run: _Run, exchange: Exchange) -> None:
        async with aclosing(exchange.chunks()) as chunks:
            async for chunk in chunks:
                run.reply.heard(chunk.elapsed)
                if not chunk.arrivals:
                    continue
                state = run.reply.state
                for remote_id in await cooperatively(_applied(run, chunk)):
                    await self._named(run.conversation, remote_id)
                self._tell(run.conversation, run.turn)
                if run.reply.state != state:
                    self._listener.row_changed(run.conversation)

    async def _named(self, conversation: Conversation, remote_id: str) -> None:
        """Take the id that the service gives a conversation; the widget's is of no use to go on by."""
        provider = conversation.provider
        if provider.kind == "chatiq" and not provider.private and remote_id != conversation.remote_id:
            conversation.remote_id = remote_id
            await self._keep_remote_id(conversation)

    async def _keep_remote_id(self, conversation: Conversation) -> None:
        if conversation.id and conversation.remote_id:
            try:
                self._listener.absorbed(await self._history.name_remote(conversation.id, conversation.remote_id))
            except StorageProblem as problem:
                self._listener.storage_failed(problem)

    def _plan_retry(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Plan one try by itself if the service says when, that is soon, and it did not take the message."""
        failure = reply.failure
        if reply.state != "failed" or failure is None or not is_limit(failure) or failure.retry_after is None:
            return
        if is_long_limit(failure):
            return
        superseded = (
            conversation.newest is not turn or conversation.held
        )  # another message went out, or it is deleted
        if turn not in self._tried and not superseded:
            self._tried.add(turn)
            conversation.retry_at = self._timing.now() + failure.retry_after
            logger.info("Message refused by a limit, sent again in %g s", failure.retry_after)

    async def _retry_in_time(self, conversation: Conversation, turn: Turn) -> None:
        planned = conversation.retry_at
        await self._timing.sleep(max(0.0, (planned or 0.0) - self._timing.now()))
        still_wanted = planned is not None and conversation.retry_at == planned
        if still_wanted and conversation.newest is turn and conversation.live is None:
            conversation.retry_at = None
            self.start(conversation, turn)

    def _tell(self, conversation: Conversation, turn: Turn) -> None:
        self._listener.notify(TurnChanged(conversation, turn))


def _applied(run: _Run, chunk: ParsedChunk) -> Steps[list[str]]:
    """Apply what came, one event a step: one record may hold thousands. Return the ids that the service gave the
    conversation.
    """
    names: list[str] = []
    for arrival in chunk.arrivals:
        for event in arrival.events:
            run.reply.apply(event, chunk.elapsed)
            run.writer.on_event(event)
            if isinstance(event, ConversationNamed):
                names.append(event.remote_id)
            yield
    return names


def _failure_of(problem: ChatgridError) -> Failure:
    match problem:
        case ConnectionProblem(failure=failure) | ServiceProblem(failure=failure):
            return failure
        case KeyProblem():
            return Failure("network", "key", place=str(problem))
        case UsageProblem():
            return Failure("network", "no board", place=str(problem))
        case _:
            return Failure("protocol", "not a reply", place=str(problem))
