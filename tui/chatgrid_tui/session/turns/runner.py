"""Running replies: one task per reply, from sending to the end, and one retry after a limit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import (
    ChatgridError,
    ConnectionProblem,
    KeyProblem,
    ServiceProblem,
    StorageProblem,
    UsageProblem,
)
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Board
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.model.saved_conversation import ReplyState
from chatgrid_tui.session.changes import Change, SessionListener, TurnChanged, UnhandledError
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import BackgroundTasks, report_error, report_storage
from chatgrid_tui.session.turns.reply_writer import ReplyWriter
from chatgrid_tui.session.wording.refusal_kinds import is_limit, is_long_limit
from chatgrid_tui.store.history import History

if TYPE_CHECKING:  # loaded with the first message
    from chatgrid_tui.engine.recording import Recording
    from chatgrid_tui.session.turns.turn_run import TurnRun, TurnStep

logger = logging.getLogger(__name__)

SLOW_ANSWER_TIMEOUT: Final = 300.0
"""Seconds to wait for the head of an answer: a local model may have to read a long conversation first."""
StartTurn: TypeAlias = Callable[[Conversation, Turn], None]


@dataclass(slots=True, eq=False)
class _ActiveReply:
    """A reply that is being written."""

    conversation: Conversation
    turn: Turn
    reply: Reply
    writer: ReplyWriter
    started: float
    again: Request | None
    """A request to send again; None makes the request from the message."""
    listed_state: ReplyState = "waiting"
    """The reply's state in the list of conversations."""
    run: TurnRun | None = None


class Runner:
    """Starts, stops and ends replies, at most one at a time in a conversation."""

    def __init__(self, clients: Clients, history: History, listener: SessionListener, clock: Clock) -> None:
        self.closed = False
        """Whether no more replies are started."""
        self._clients = clients
        self._history = history
        self._listener = listener
        self._clock = clock
        self._sessions = _StoredSessions(history, listener)
        self._retries = RetryScheduler(self.start, listener.notify, clock)
        self._task_of: dict[Conversation, asyncio.Task[None]] = {}
        self._active: dict[Reply, _ActiveReply] = {}
        """The replies that are being written or saved."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()

    def start(
        self, conversation: Conversation, turn: Turn, again: Request | None = None, message: str | None = None
    ) -> None:
        """Send a turn's message for a new reply, as the earlier request `again` or as a new request; or `message`
        instead of it.
        """
        if self.closed:
            return
        reply = Reply(0, conversation.board.name, self._clock.utc_now())
        message = turn.sent if message is None else message
        reply.edited_message = None if message == turn.first_sent else message
        turn.add_reply(reply)
        most = self._clients.settings.recordings.total
        writer = ReplyWriter(self._history, reply, self._listener, self._clock, most_recorded=most)
        writer.begin(turn.id)
        active = _ActiveReply(conversation, turn, reply, writer, self._clock.monotonic(), again)
        self._active[reply] = active
        self._listener.notify(TurnChanged(conversation, turn))
        self._listener.row_changed(conversation)
        task = asyncio.create_task(self._run(active))
        self._task_of[conversation] = task
        self._tasks.add(task)
        # Not in the task itself: a task that is cancelled before its first step runs none of its code.
        task.add_done_callback(lambda task: self._ended(active, task))

    def recordings_of(self, reply: Reply) -> Sequence[Recording]:
        """Return what goes over the wire for a reply, or nothing once that is in the history."""
        active = self._active.get(reply)
        return () if active is None or active.run is None else active.run.recordings

    def stop(self, conversation: Conversation) -> None:
        """Stop the reply of a conversation."""
        task = self._task_of.get(conversation)
        if task is not None:
            task.cancel()

    async def stop_and_save(self, conversation: Conversation) -> None:
        """Stop the reply of a conversation, and wait until its text is saved."""
        task = self._task_of.get(conversation)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            await asyncio.gather(*self._endings, return_exceptions=True)

    def resume_retry(self, conversation: Conversation) -> None:
        """Wait again for the automatic retry of a conversation, at once if its time is over."""
        if conversation.newest is not None and not self.closed:
            self._retries.wait(conversation, conversation.newest)

    async def close(self) -> None:
        """Stop all replies, and wait until their texts are saved."""
        self.closed = True
        await self._retries.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*self._endings, return_exceptions=True)

    async def _run(self, active: _ActiveReply) -> None:
        try:
            await active.writer.begun()
            active.run = await self._turn_run(active)
            async with aclosing(active.run.steps()) as steps:
                async for step in steps:
                    await self._handle(step, active)
        except ChatgridError as problem:
            active.reply.give_up(_failure_of(problem), self._clock.monotonic() - active.started)

    async def _turn_run(self, active: _ActiveReply) -> TurnRun:
        from chatgrid_tui.session.turns.turn_run import TurnRun

        conversation = active.conversation
        conversation.provider = self._clients.current(conversation.provider)
        outgoing = Outgoing(
            conversation.provider_with_options,
            conversation.board.id,
            active.turn.sent,
            conversation.remote_id,
            history=conversation.said_before(active.turn),
        )
        return TurnRun(
            await self._clients.get(conversation.provider),
            outgoing,
            active.reply,
            again=active.again,
            title=conversation.title,
            sessions=self._sessions,
            on_event=active.writer.on_event,
            answer_timeout=SLOW_ANSWER_TIMEOUT,
            clock=self._clock,
        )

    async def _handle(self, step: TurnStep, active: _ActiveReply) -> None:
        from chatgrid_tui.engine.exchange import ParsedChunk
        from chatgrid_tui.session.turns.turn_run import BoardFound, RemoteIdChanged

        conversation = active.conversation
        match step:
            case BoardFound(board):
                await self._set_board(conversation, board)
            case RemoteIdChanged(remote_id):
                await self._set_remote_id(conversation, remote_id)
            case ParsedChunk(records=[]):
                pass  # bytes that changed nothing, for example a heartbeat
            case ParsedChunk():
                self._listener.notify(TurnChanged(conversation, active.turn))
                if active.reply.state != active.listed_state:
                    active.listed_state = active.reply.state
                    self._listener.row_changed(conversation)
            case _:
                assert_never(step)

    def _ended(self, active: _ActiveReply, task: asyncio.Task[None]) -> None:
        conversation, turn, reply = active.conversation, active.turn, active.reply
        elapsed = self._clock.monotonic() - active.started
        if task.cancelled() and not self.closed:
            reply.stop(elapsed)
        elif task.cancelled():
            reply.interrupt(elapsed)
        elif (error := task.exception()) is not None:
            reply.interrupt(elapsed)  # a bug must not leave it live forever
            self._listener.notify(UnhandledError(error))
        if reply.failure is not None:
            self._clients.reply_failed(conversation.provider, reply.failure)
        logger.info("Reply %s after %.3f s", reply.state, elapsed)
        self._tasks.discard(task)
        if self._task_of.get(conversation) is task:
            del self._task_of[conversation]
        if active.again is None:
            self._retries.plan(conversation, turn, reply)
        self._listener.notify(TurnChanged(conversation, turn))
        ending = asyncio.create_task(self._end(active))
        self._endings.add(ending)
        ending.add_done_callback(self._end_done)

    async def _end(self, active: _ActiveReply) -> None:
        """Save the reply, and continue with queued messages or a retry."""
        await active.writer.close(self.recordings_of(active.reply))
        del self._active[active.reply]
        await self._listener.reply_ended(active.conversation)
        if not self.closed:
            self._retries.wait(active.conversation, active.turn)

    def _end_done(self, ending: asyncio.Task[None]) -> None:
        self._endings.discard(ending)
        report_error(ending, self._listener.notify)

    async def _set_board(self, conversation: Conversation, board: Board) -> None:
        """Set the board that was found for a conversation that began without one."""
        conversation.board = board
        if conversation.id:
            saving = self._history.set_board(conversation.id, board.id, board.name)
            await report_storage(saving, self._listener.storage_failed)
        await self._listener.board_found(conversation)

    async def _set_remote_id(self, conversation: Conversation, remote_id: str) -> None:
        conversation.remote_id = remote_id
        if conversation.id:
            try:
                self._listener.remove_rows(await self._history.set_remote_id(conversation.id, remote_id))
            except StorageProblem as problem:
                self._listener.storage_failed(problem)


class _StoredSessions:
    """Shared sessions in the history."""

    def __init__(self, history: History, listener: SessionListener) -> None:
        self._history = history
        self._listener = listener

    async def recall(self, provider: str, board: str) -> str:
        """Return the session of a board; empty if it has none, or it cannot be read."""
        try:
            return await self._history.saved_state.shared_session(provider, board)
        except StorageProblem as problem:
            self._listener.storage_failed(problem)
            return ""

    async def remember(self, provider: str, board: str, session: str) -> None:
        """Let the next conversations of a board continue this session."""
        saving = self._history.saved_state.save_shared_session(provider, board, session)
        await report_storage(saving, self._listener.storage_failed)


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


def retry_delay(reply: Reply) -> float | None:
    """Return the seconds after which the message may be sent again without asking, or None if it may not be.

    It may be if the service named a time, the time is short, and the message was not accepted.
    """
    failure = reply.failure
    if reply.state != "failed" or failure is None or not is_limit(failure) or is_long_limit(failure):
        return None
    return failure.retry_after


class RetryScheduler:
    """Sends each message again at most once, at `Conversation.retry_at`."""

    def __init__(self, start: StartTurn, notify: Callable[[Change], None], clock: Clock) -> None:
        """`start` sends the message of a turn."""
        self._start = start
        self._clock = clock
        self._tasks = BackgroundTasks(notify)
        self._retried: set[Turn] = set()

    def plan(self, conversation: Conversation, turn: Turn, reply: Reply) -> None:
        """Schedule sending the message of `turn` again, if `reply` allows it and nothing has taken its place."""
        delay = retry_delay(reply)
        if delay is not None and conversation.newest is turn and turn not in self._retried:
            self._retried.add(turn)
            conversation.retry_at = self._clock.monotonic() + delay
            logger.info("Message refused by a limit, sent again in %g s", delay)

    def wait(self, conversation: Conversation, turn: Turn) -> None:
        """Send the message in the background when its time comes, unless the schedule changes before, or the
        conversation is being deleted. Call it again if that is undone.
        """
        if conversation.retry_at is not None:
            self._tasks.start(self._retry_at(conversation.retry_at, conversation, turn))

    async def close(self) -> None:
        """Cancel all retries."""
        await self._tasks.close()

    async def _retry_at(self, planned: float, conversation: Conversation, turn: Turn) -> None:
        await self._clock.sleep(max(0.0, planned - self._clock.monotonic()))
        if conversation.deleting:
            return
        if conversation.retry_at == planned and conversation.newest is turn and conversation.live is None:
            conversation.retry_at = None
            self._start(conversation, turn)
