"""A session that shows the exchanges of other clients with a service. It sends and saves nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from chatgrid_tui.dialects.registry import DIALECTS, PLAINEST_KIND
from chatgrid_tui.dialects.response_parser import ParsedRecord
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.engine.exchange import ParsedChunk
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.events import BodyEnded, Finished
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.changes import BoardChanged, TurnAdded, TurnChanged
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.recorded_turns import RecordedTurn
from chatgrid_tui.session.recording_session import save_whole_reply, view_session
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.session import Session
from chatgrid_tui.session.tasks import report_storage
from chatgrid_tui.store.history import History
from chatgrid_tui.text import clean_line, mend_surrogates
from chatgrid_tui.units import seconds, size
from chatgrid_tui.watch.backlog import Backlog
from chatgrid_tui.watch.upstream import Upstream
from chatgrid_tui.watch.watched_exchange import WatchedExchange

_LONGEST_PATH: Final = 200
_CLIENT_LEFT: Final = "The client closed the connection."


async def open_watch(
    upstream: Upstream,
    kind: str,
    folder: Path,
    keep: Callable[[Recording], None] | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> tuple[Session, Conversation, WatchedTurns]:
    """Return a session with an empty conversation named after the service, and the object that adds its turns.

    Without a `kind`, the first request with a recognisable kind decides. The history is in `folder`, which must be
    empty. `keep` is also called with each recording, in a thread.
    """
    providers = {one: _provider(one, dialect.name, upstream) for one, dialect in DIALECTS.items()}
    suggested = kind or upstream.kind
    first = providers.get(suggested) or _any_kind(upstream)
    providers[first.name] = first
    session, history = await view_session(providers, folder, "watching", clock)
    try:
        await session.load()
    except BaseException:
        await session.close()
        raise
    conversation = session.begin(first, Board(upstream.place, upstream.place))
    conversation.title = upstream.place + upstream.path
    return session, conversation, WatchedTurns(session, history, conversation, keep, has_kind=bool(kind))


def _any_kind(upstream: Upstream) -> Provider:
    """Return a stand-in for the service until a request reveals its kind."""
    return _provider(PLAINEST_KIND, f"{DIALECTS[PLAINEST_KIND].name} or another kind", upstream, name="any kind")


def _provider(kind: str, title: str, upstream: Upstream, name: str = "") -> Provider:
    hues: tuple[tuple[str, Hue], ...] = ((upstream.place, "sky"),)
    return Provider(name or kind, kind, upstream.address, title, hues=hues, embedded=True)


class _WatchedTurn(NamedTuple):
    """The turn of an exchange, and the reply in it."""

    turn: Turn
    reply: Reply


class WatchedTurns:
    """Adds a turn to a conversation for each exchange: a message and its reply, or a line for any other request.

    Repeated requests share a line: widgets poll every few seconds.
    """

    def __init__(
        self,
        session: Session,
        history: History,
        conversation: Conversation,
        keep: Callable[[Recording], None] | None = None,
        *,
        has_kind: bool,
    ) -> None:
        """`keep` is called with each completed recording, in a thread; its errors are shown. `has_kind` is whether
        the kind of service is known.
        """
        self._session = session
        self._history = history
        self._conversation = conversation
        self._keep = keep
        self._has_kind = has_kind
        self._turns: dict[WatchedExchange, _WatchedTurn] = {}
        self._times = Counter[Turn]()
        """How often the request of a line was sent."""
        self._ended = Backlog[WatchedExchange]()

    def began(self, exchange: WatchedExchange) -> None:
        """Add the turn of an exchange, or a line to an existing turn."""
        conversation, session = self._conversation, self._session
        if not self._has_kind and exchange.message:
            self._has_kind = True
            conversation.provider = session.clients.settings.providers[exchange.dialect.kind]
            session.notify(BoardChanged(conversation))
        now, message, line = session.clock.utc_now(), mend_surrogates(exchange.message), _line_of(exchange)
        reply = Reply(0, _speaker_of(exchange) or conversation.board.name, now)
        session.watched[reply] = exchange.recordings
        turn = None if message else self._repeated(line)
        if turn is None:
            turn = Turn(0, message or line, message, now, [reply])
            conversation.turns.append(turn)
            session.notify(TurnAdded(conversation))
        else:
            turn.replies[:], turn.note = [reply], ""
            session.notify(TurnChanged(conversation, turn))
        self._times[turn] += 1
        self._turns[exchange] = _WatchedTurn(turn, reply)

    def read(self, exchange: WatchedExchange, chunk: ParsedChunk) -> None:
        """Apply a part of the answer to the reply."""
        turn, reply = self._turns[exchange]
        if exchange.message:
            reply.apply_all(chunk.records, chunk.elapsed)
            self._session.notify(TurnChanged(self._conversation, turn))

    async def ended(self, exchange: WatchedExchange) -> None:
        """End the reply, and save the turn."""
        turn, reply = self._turns[exchange]
        recording = exchange.recordings[0]
        if reply.live and recording.end is not None and recording.end.failure is not None:
            reply.give_up(recording.end.failure, exchange.elapsed)
        elif reply.live and (exchange.end_mark_seen or (not exchange.message and recording.head is not None)):
            turn.note = "" if exchange.message else _outcome_of(recording, self._times[turn])
            reply.apply_all([ParsedRecord(-1, None, [Finished(), BodyEnded()])], exchange.elapsed)
        elif reply.live:
            turn.note = _CLIENT_LEFT
            reply.stop(exchange.elapsed)
        self._session.notify(TurnChanged(self._conversation, turn))
        await self._ended.add(exchange)

    def refused(self, sentence: str) -> None:
        """Show that a client was refused."""
        self._session.alerts.add(f"A client was refused: {sentence.removeprefix('It ')}")

    def close(self) -> None:
        """Let `save` end once everything that has ended is saved."""
        self._ended.close()

    async def save(self) -> None:
        """Save turns as they end, until this is closed."""
        async for exchange in self._ended:
            turn, reply = self._turns.pop(exchange)
            await report_storage(self._save(turn, reply, exchange.recordings), self._session.storage_failed)
            if reply.id:
                del self._session.watched[reply]
            if self._keep is not None:
                try:
                    await asyncio.to_thread(self._keep, exchange.recordings[0])
                except UsageProblem as problem:
                    self._session.alerts.add(str(problem))

    async def _save(self, turn: Turn, reply: Reply, recordings: Sequence[Recording]) -> None:
        conversation, history = self._conversation, self._history
        if not conversation.id:
            provider, board = conversation.provider.name, conversation.board
            conversation.id = await history.create(provider, board.id, board.name, conversation.title, turn.sent_at)
            await self._session.conversation_saved(conversation)
        turn.id = turn.id or await history.add_turn(conversation.id, turn.shown, turn.sent, turn.sent_at)
        await save_whole_reply(history, turn.id, reply, recordings)
        self._session.message_saved(conversation, turn)

    def _repeated(self, line: str) -> Turn | None:
        """Return the turn of the same request since the newest message; None if there is none, or if it is still
        running.
        """
        for turn in reversed(self._conversation.turns):
            if turn.sent:
                return None
            if turn.shown == line:
                return None if turn.replies[0].live else turn
        return None


def _speaker_of(exchange: WatchedExchange) -> str:
    """Return the name of the bot that a message is for; empty for another request."""
    if not exchange.message:
        return ""
    return RecordedTurn(exchange.dialect, (Recording(exchange.request),)).speaker


def _line_of(exchange: WatchedExchange) -> str:
    return clean_line(f"{exchange.request.method} {exchange.path}", _LONGEST_PATH)


def _outcome_of(recording: Recording, times: int) -> str:
    took = "" if recording.end is None else f" in {seconds(recording.end.t)}"
    often = f", {times:,} times" if times > 1 else ""
    return f"{recording.status}, {size(recording.size)}{took}{often}."
